from tests.exchange.doors import KEY_CHECK, D, Door, with_options


async def test_a_transfer_moves_money_and_answers_plainly() -> None:
    door = Door()
    answer = await door.post(f"{D}/transfer", fromAccount="flex", toAccount="cash", unit="USD", amount="10")
    assert answer.body.keys() == {"result", "serverTime"}
    accounts = (await door.get(f"{D}/accounts")).body["accounts"]
    assert accounts["cash"]["balances"] == {"usd": 10}
    assert accounts["flex"]["currencies"]["USD"]["quantity"] == 49_990


async def test_refusals_are_words() -> None:
    door = Door()
    form = {"fromAccount": "flex", "toAccount": "cash", "unit": "USD", "amount": "10"}
    assert (await door.post(f"{D}/transfer", **{**form, "amount": "60000"})).body["error"] == "insufficientFunds"
    assert (await door.post(f"{D}/transfer", **{**form, "toAccount": "x"})).body["error"] == "invalidAccount"
    assert (await door.post(f"{D}/transfer", fromAccount="flex")).body["error"] == "requiredArgumentMissing"


async def test_a_withdrawal_tells_its_uid_and_takes_from_cash() -> None:
    door = Door()
    assert (await door.post(f"{D}/withdrawal", currency="USD", amount=1)).body["error"] == "insufficientFunds"
    answer = await door.post(f"{D}/withdrawal", currency="USD", amount=1, sourceWallet="flex")
    assert answer.body["uid"] == door.venue.engine.account().account_log()[-1].booking_uid


async def test_there_are_no_subaccounts() -> None:
    door = Door()
    uid = door.uid
    answer = await door.get(f"{D}/subaccounts")
    assert (answer.body["masterAccountUid"], answer.body["subaccounts"]) == (uid, [])
    assert (await door.get(f"{D}/subaccount/{uid}/trading-enabled")).body["error"] == "authenticationError"
    answer = await door.put(f"{D}/subaccount/x/trading-enabled", tradingEnabled=True)
    assert answer.body["error"] == "authenticationError"
    form = {"fromAccount": "flex", "toAccount": "cash", "unit": "USD", "amount": "10", "fromUser": uid}
    answer = await door.post(f"{D}/transfer/subaccount", **form, toUser="somebody")
    assert answer.body["error"] == "invalidAccount"
    answer = await door.post(f"{D}/transfer/subaccount", **form, toUser=uid)
    assert answer.body["result"] == "success"


async def test_a_key_that_may_only_read_moves_nothing() -> None:
    door = Door(with_options(read_only=True))
    answer = await door.post(f"{D}/transfer", fromAccount="flex", toAccount="cash", unit="USD", amount="10")
    assert answer.body["error"] == "authenticationError"
    assert (await door.get(KEY_CHECK)).body["permissions"] == {"general": "READ_ONLY", "transfer": "NO_ACCESS"}
    assert (await Door().get(KEY_CHECK)).body["permissions"]["transfer"] == "FULL_ACCESS"
