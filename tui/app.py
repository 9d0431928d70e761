"""TradingApp: the only bridge between screens and what is below.

It turns keys into acts and changes of state into frames: at most one a frame time, and only after a change or once a
second, so that ages move and a dead screen never looks alive. Invariant: no key handler awaits; whatever awaits the
network runs apart and reports with a toast.
"""

from __future__ import annotations

import asyncio
import difflib
import os
from collections.abc import Callable, Coroutine
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, TypeVar

from msgspec.structs import replace
from textual import events
from textual.binding import Binding, BindingType
from textual.command import CommandListItem, SimpleCommand
from textual.message import Message
from textual.screen import ModalScreen, Screen
from textual.widgets import Input

from tui.model.enums import Environment
from tui.model.errors import SettingsError
from tui.model.view import KeyMode, Selection, View
from tui.screens.actions import ACTIONS, BY_ID, bindings, clashes, keys_of
from tui.screens.acts import Acts, Waits, trading_acts
from tui.screens.alert_line import AlertCommand, DropAlert, standing_alerts
from tui.screens.alerts import Alerts
from tui.screens.base import DeskScreen
from tui.screens.dialog import Dialog
from tui.screens.echo import Echoes
from tui.screens.habits import HabitsFile
from tui.screens.help import HelpScreen, help_rows
from tui.screens.herald import Herald, severity
from tui.screens.orderly import OrderlyApp
from tui.screens.pacer import Pacer, PulseMeter
from tui.screens.port import DeskPort
from tui.screens.ring import Ringer
from tui.screens.seat import Seat
from tui.screens.sender import Sender
from tui.screens.stage import UNSENT, Severity
from tui.screens.strip import Strip, TypedStrip
from tui.screens.tools import Tools
from tui.screens.tour import Tour
from tui.widgets.format import Format, printable, zone_of
from tui.widgets.ladder import Ladder
from tui.widgets.messages import AlertDropped, FocusContract, TableArranged
from tui.widgets.table import LineTable
from tui.widgets.theme import THEMES, VARIABLE_DEFAULTS, theme_for

if TYPE_CHECKING:
    from tui.settings import Settings

T = TypeVar("T")

SCREENS = {
    # mode: (module, class), imported when first shown
    "desk": ("tui.screens.desk", "OverviewScreen"),
    "positions": ("tui.screens.positions", "PositionsScreen"),
    "orders": ("tui.screens.orders", "OrdersScreen"),
    "margin": ("tui.screens.margin", "MarginScreen"),
    "fills": ("tui.screens.fills", "FillsScreen"),
    "markets": ("tui.screens.markets", "MarketsScreen"),
    "health": ("tui.screens.health", "HealthScreen"),
    "alerts": ("tui.screens.watch", "AlertsScreen"),
}
TICK_S = 1.0
TOAST_S: dict[Severity, float] = {"information": 4.0, "warning": 8.0, "error": 12.0}


class FrameDue(Message):
    """The pacer's moment has come."""

    def can_replace(self, message: Message) -> bool:
        return isinstance(message, FrameDue)


class TradingApp(OrderlyApp, inherit_bindings=False):
    """``desk`` is everything below; ``settings`` what the trader chose. ``view_only`` starts in view mode; so does the
    live account, always. ``habits`` is where the desk remembers its trader, by default nowhere.
    """

    CSS_PATH = Path(__file__).with_name("app.tcss")
    TITLE = "kftui"
    ENABLE_COMMAND_PALETTE = False  # ours is opened by an act like every other
    DEFAULT_MODE = "desk"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings()]
    MOVE_WINDOW_S: ClassVar[float] = 0.15

    def __init__(
        self, desk: DeskPort, settings: Settings, *, view_only: bool = False, habits: HabitsFile | None = None
    ) -> None:
        super().__init__()
        self._desk = desk
        self._settings = settings
        live = desk.state.environment is Environment.LIVE
        mode = KeyMode("view" if live or view_only else settings.desk.mode)
        self._file = habits or HabitsFile(None)
        self._habits = self._file.load()
        alerts = Alerts(self._habits.alerts, self._habits.said, standing_alerts(settings.alerts.standing))
        self.seat = Seat(desk, settings.desk.focus, mode, settings.clips, alerts)
        self._fmt = _format(settings)
        self._pacer = Pacer(settings.desk.frames_per_s)
        self._meter = PulseMeter()
        self._timer: asyncio.TimerHandle | None = None
        self._echoes = Echoes()
        self._herald = Herald(
            alerts,
            self._echoes,
            Ringer(bell=settings.desk.bell, desktop=settings.alerts.desktop, in_tmux=bool(os.environ.get("TMUX"))),
            settings.alerts.ring,
            toast=self._toast,
            emit=self._emit,
        )
        self._last_said: tuple[str, int] | None = None
        self._unsubscribe: Callable[[], None] | None = None
        for mode_name, (module, name) in SCREENS.items():
            self.add_mode(mode_name, partial(self._make_screen, module, name))
        self.acts = self._table_of_acts()

    # --- the stage of the acts -------------------------------------------------------------------------------------

    @property
    def view(self) -> View:
        return self.seat.view()

    @property
    def selection(self) -> Selection | None:
        base = self._base
        return None if base is None else base.selection

    @property
    def marked(self) -> tuple[Selection, ...]:
        tables = self._base.query(LineTable) if self._base is not None else ()
        return tuple(table.selection for table in tables if table.selection is not None)

    def ask(self, dialog: ModalScreen[T], then: Callable[[T], None], unsent: str = UNSENT) -> None:
        self._put_back()
        base = self._base
        if base is not None:
            base.pin()

        def closed(answer: T | None) -> None:
            if base is not None:
                base.unpin()
            if answer is not None:
                then(answer)
            elif unsent:
                self.say(unsent)

        self.push_screen(dialog, closed)

    def say(self, text: str, severity: Severity = "information") -> None:
        """Keys pressed again and again do not fill the screen: the same words wait until they would have gone."""
        now_ms, last = self._desk.now_ms(), self._last_said
        if last is None or last[0] != text or now_ms - last[1] > TOAST_S[severity] * 1000:
            self._last_said = text, now_ms
            self._toast(text, severity)

    def _toast(self, text: str, severity: Severity) -> None:
        self.notify(printable(text), severity=severity, timeout=TOAST_S[severity], markup=False)

    def report(self, text: str, severity: Severity = "information", *, shown: bool = False) -> None:
        self._echoes.shown(text, self._desk.now_ms())
        if not shown:
            self._toast(text, severity)

    def spawn(self, act: Coroutine[object, object, None]) -> None:
        self._echoes.begin()
        self.run_worker(self._run_act(act), group="acts")

    async def _run_act(self, act: Coroutine[object, object, None]) -> None:
        try:
            await act
        finally:
            for alarm in self._echoes.end(self._desk.now_ms()):
                self._toast(alarm.text, severity(alarm.severity))

    def later(self, delay_s: float, call: Callable[[], None]) -> None:
        if delay_s > 0:
            self.set_timer(delay_s, call)
        else:
            self.call_later(call)

    def set_mode(self, mode: KeyMode) -> None:
        self.seat.mode = mode
        self._ask_frame(urgent=True)

    def carry(self, order_ids: tuple[str, ...]) -> None:
        self.seat.carried = order_ids
        self._ask_frame(urgent=True)

    # --- life ------------------------------------------------------------------------------------------------------

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return VARIABLE_DEFAULTS

    def on_mount(self) -> None:
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = theme_for(self._settings.desk.theme, None if self.is_headless else self.console.color_system)
        self.set_keymap(dict(self._settings.keys))
        self._desk.watch(self.seat.focus)
        self._unsubscribe = self._desk.subscribe(lambda urgent: self._ask_frame(urgent=urgent))
        self.set_interval(TICK_S, self._tick)
        self._ask_frame(urgent=True)
        if self.seat.mode.name == "view":
            self.say("View mode: keys send nothing. m changes that.", "warning")
        if self._file.is_kept and not self._habits.has_toured:
            self.call_after_refresh(self._tour)

    def on_unmount(self) -> None:
        if self._unsubscribe is not None:
            self._unsubscribe()
        if self._timer is not None:
            self._timer.cancel()
        self._keep()

    def _fatal_error(self) -> None:
        """Textual's own adds the values of all variables on the way; they may be headers and balances, and a crash
        report is shown to others.
        """
        from rich.traceback import Traceback  # noqa: PLC0415 - a start does not wait for what few ever see

        self.panic(Traceback(show_locals=False, width=None))

    def _keep(self) -> None:
        """Write down what the desk is to remember."""
        alerts = self.seat.alerts
        self._habits = replace(self._habits, alerts=alerts.typed, said=alerts.said)
        self._file.save(self._habits)

    # --- frames ----------------------------------------------------------------------------------------------------

    def _ask_frame(self, *, urgent: bool = False) -> None:
        loop = asyncio.get_running_loop()
        due = self._pacer.ask(loop.time(), urgent=urgent)
        if due is None:
            return
        if self._timer is not None:
            self._timer.cancel()
        self._timer = loop.call_at(due, self.post_message, FrameDue())

    def on_frame_due(self) -> None:
        loop = asyncio.get_running_loop()
        began = loop.time()
        late_ms = self._pacer.drawn(began)
        self._publish()
        self._meter.frame(late_ms, (loop.time() - began) * 1000)

    def _publish(self) -> None:
        if self._herald.tell(self._desk.state, self._desk.now_ms()):
            self._keep()
        view = self.view
        for screen in self.screen_stack:
            if isinstance(screen, DeskScreen | Strip | Dialog):
                screen.show(view)

    def _tick(self) -> None:
        self.seat.pulse = self._meter.tick(asyncio.get_running_loop().time(), TICK_S)
        self._ask_frame()

    def _emit(self, sequence: str) -> None:
        if sequence and self._driver is not None and not self.is_headless:
            self._driver.write(sequence)

    # --- screens ---------------------------------------------------------------------------------------------------

    @property
    def _base(self) -> DeskScreen | None:
        """The screen of the present mode, under whatever stands over it."""
        stack = self.screen_stack
        return stack[0] if stack and isinstance(stack[0], DeskScreen) else None

    def _make_screen(self, module: str, name: str) -> Screen[None]:
        cls: type[DeskScreen] = getattr(import_module(module), name)
        screen = cls(self._fmt)
        mode = next(mode for mode, made in SCREENS.items() if made == (module, name))
        tables = self._habits.tables
        screen.remember({key.partition("/")[2]: tables[key] for key in tables if key.startswith(f"{mode}/")})
        screen.show(self.view)
        return screen

    def _switch(self, mode: str) -> None:
        self._put_back()
        self.switch_mode(mode)
        self._ask_frame(urgent=True)

    def on_focus_contract(self, message: FocusContract) -> None:
        self._focus(message.symbol)

    def on_table_arranged(self, message: TableArranged) -> None:
        if self._base is None:
            return
        table = self._base.query_one(f"#{message.table}", LineTable)
        key = f"{self.current_mode}/{message.table}"
        self._habits = replace(self._habits, tables={**self._habits.tables, key: table.arrangement})

    def on_alert_dropped(self, message: AlertDropped) -> None:
        if message.number:
            self._alert(DropAlert(message.number))
        else:
            self.say("This alert stands in the settings file.")

    def _alert(self, command: AlertCommand) -> None:
        try:
            self.say(self.seat.alerts.obey(command, self._desk.state, self._desk.now_ms()))
        except ValueError as error:
            self.say(f"No alert was set: {error}", "warning")
        self._keep()
        self._ask_frame(urgent=True)

    def on_left_price(self) -> None:
        self._put_back()

    def _put_back(self) -> None:
        """Nothing stays picked up on the ladder when the keys go elsewhere."""
        if self.seat.carried:
            self.carry(())
            self.say(f"Put back where it was. {UNSENT}")

    def _focus(self, symbol: str) -> None:
        if symbol != self.seat.focus:
            self.seat.focus, self.seat.carried = symbol, ()
            self._desk.watch(symbol)
            self._ask_frame(urgent=True)

    # --- acts ------------------------------------------------------------------------------------------------------

    async def on_event(self, event: events.Event) -> None:
        """The way out waits for no other key."""
        if isinstance(event, events.Key) and not event.is_forwarded and self._is_panic(event):
            self.screen.dismiss(None)
            self.acts["panic"]()
            return
        await super().on_event(event)

    async def at_once(self, event: events.Event) -> bool:
        """Run an act in the same loop turn as its key, so that the next key of one read already meets the strip that
        this one opened, and an order does not wait for hops between widgets.
        """
        if not isinstance(event, events.Key) or not self._takes_keys:
            return False
        active = self.screen.active_bindings.get(event.key)
        if active is None or active.binding.id not in BY_ID:
            return False
        await self.run_action(active.binding.action, active.node)
        return True

    def _is_panic(self, event: events.Key) -> bool:
        """The panic key over a strip: no open question stands between the trader and the way out."""
        over_strip = isinstance(self.screen, Strip) and not isinstance(self.screen, TypedStrip)
        keys = keys_of(BY_ID["panic"], self._settings.keys)
        return over_strip and (event.key in keys or event.character in keys)

    @property
    def _takes_keys(self) -> bool:
        return isinstance(self.screen, DeskScreen) and not isinstance(self.focused, Input)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What is picked up is picked up on a ladder."""
        return isinstance(self.focused, Ladder) if (action, parameters) == ("act", ("carry",)) else True

    def action_act(self, name: str) -> None:
        """Every binding and palette entry of ``ACTIONS`` ends here."""
        self.acts[name]()

    def _table_of_acts(self) -> Acts:
        """The acts of trade, and those that only concern the app itself."""
        desk = self._settings.desk
        tools = Tools(self._desk, self, Sender(self._desk, self), self._fmt)
        waits = Waits(move_window_s=self.MOVE_WINDOW_S, armed_for_s=desk.armed_for_s, dead_man_s=desk.dead_man_s)
        own: Acts = {
            "clip_down": partial(self._step_clip, -1),
            "clip_up": partial(self._step_clip, 1),
            "clip_next": partial(self._step_clip, 1, wrap=True),
            "help": self._help,
            "palette": self._palette,
            "tour": self._tour,
        }
        own |= {f"screen_{mode}": partial(self._switch, mode) for mode in SCREENS}
        return trading_acts(tools, waits, focus=self._focus, leave=self.exit, alert=self._alert, others=own)

    def _step_clip(self, step: int, *, wrap: bool = False) -> None:
        clip = self.seat.step_clip(step, wrap=wrap)
        if clip:
            self._ask_frame(urgent=True)
        else:
            self.say(f"No sizes for {self.seat.focus} yet: its rules have not arrived.")

    def _tour(self) -> None:
        self._habits = replace(self._habits, has_toured=True)
        self.ask(Tour(self._desk.state.environment), lambda _: None, "")

    def _help(self) -> None:
        active = [active.binding for active in self.screen.active_bindings.values()]
        self.ask(HelpScreen(help_rows(active, self._settings.keys)), lambda _: None, "")

    def _palette(self) -> None:
        keys = self._settings.keys
        commands: list[CommandListItem] = [
            SimpleCommand(f"{action.label}  {keys_of(action, keys)[0]}", self.acts[action.id], action.help)
            for action in ACTIONS
            if action.palette
        ]
        commands += [
            SimpleCommand(f"Focus {symbol}", partial(self._focus, symbol), "Take this contract in hand.")
            for symbol, instrument in sorted(self._desk.state.instruments.items())
            if instrument.tradeable
        ]
        commands += [
            SimpleCommand(f"Theme {theme.name}", partial(setattr, self, "theme", theme.name), "Until the desk is left.")
            for theme in THEMES
        ]
        self._put_back()
        if self._base is not None:
            self._base.pin()
        self.search_commands(commands, "Act, screen, contract, theme")

    def on_command_palette_closed(self) -> None:
        if self._base is not None:
            self._base.unpin()


def refuse_nonsense(settings: Settings) -> None:
    """Raise ``SettingsError`` for a theme or an act that does not exist, naming the nearest that does, and for keys
    that two acts would share. Asked before anything is opened.
    """
    own = {binding.id for binding in DeskScreen.BINDINGS if isinstance(binding, Binding) and binding.id}
    for name, known, what in (
        (settings.desk.theme, [theme.name for theme in THEMES], "desk.theme"),
        *((name, sorted(BY_ID.keys() | own), "keys") for name in settings.keys),
    ):
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1, cutoff=0.0)[0]
            raise SettingsError(f"In the settings: {what} cannot be {name}", f"Did you mean {near}?")
    standing_alerts(settings.alerts.standing)
    if shared := clashes(settings.keys):
        raise SettingsError(f"In the settings, keys: {'; '.join(shared)}", "Give one of them another key")


def _format(settings: Settings) -> Format:
    return Format("," if settings.desk.thousands else "", zone_of(settings.desk.time_zone))
