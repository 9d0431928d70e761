from tui.exchange.clock import Clock


class Wall:
    def __init__(self) -> None:
        self.now = 1_760_000_000.0

    def __call__(self) -> float:
        return self.now


def test_it_follows_the_wall_at_its_speed() -> None:
    wall = Wall()
    real, fast = Clock(wall=wall), Clock(10, wall=wall)
    wall.now += 1.5
    assert real() == 1_760_000_001_500
    assert fast() == 1_760_000_015_000


def test_it_never_runs_backwards() -> None:
    wall = Wall()
    clock = Clock(wall=wall)
    wall.now += 10
    latest = clock()
    wall.now -= 100
    assert clock() == latest


def test_a_kept_account_does_not_go_back_in_time() -> None:
    clock = Clock(not_before_ms=1_800_000_000_000, wall=Wall())
    assert clock() == 1_800_000_000_000
