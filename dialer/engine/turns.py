"""One turn of the engine: inputs in, what to write and do out. No I/O, no clock."""

from collections.abc import Callable, Iterable, Sequence, Set
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from dialer.engine import (
    alarms,
    calls,
    consult,
    desk,
    effects,
    goodbye,
    inbound,
    lines,
    matching,
    muting,
    owed,
    pacer,
    preview,
    silence,
    spool,
    transfer,
    trunks,
    views,
)
from dialer.engine.inputs import (
    BadCommandIn,
    CallbacksIn,
    CallEventIn,
    ClockIn,
    ClockSetIn,
    CommandIn,
    FactIn,
    Input,
    LeadFoundIn,
    LeadPlacedIn,
    LeaseIn,
    LookRefusedIn,
    NewsIn,
    OpenCallsIn,
    PlacedIn,
    PutBackIn,
    RefreshIn,
    ResultsIn,
    SnapshotIn,
    SpoolIn,
    StalledIn,
    StoreRefusedIn,
    TakenInIn,
)
from dialer.engine.quarantine import MOST_REFUSALS, put_back
from dialer.engine.reconcile import reconcile
from dialer.engine.rooms.calls import Live, live_of
from dialer.engine.state import FloorState, Turn
from dialer.engine.telephone import learn
from dialer.engine.trial import Trial
from dialer.model.agent import Agent, AgentState
from dialer.model.call import CallEvent, CallEventKind, CallLimits, CallState
from dialer.model.campaign import Campaign, CampaignSettings, CampaignStatus, OnVoicemail, Screening
from dialer.model.commands import (
    AgentAsks,
    CallPreview,
    Consult,
    ConsultComplete,
    ConsultEnd,
    ConsultJoin,
    FloorSnapshot,
    ForceLogOut,
    ForcePause,
    NextLead,
    SkipPreview,
    Transfer,
)
from dialer.model.sounds import sound_in
from dialer.ports import BadCommand, CallOrder, Command, OpenCall, Placed

SWEEP_EVERY = timedelta(seconds=15)
"""How often rows and channels are compared though nothing seems wrong."""
_FAR = timedelta(days=1)
_OTHER_DIALPLAN = "the PBX has another dialplan"
_NO_ROOM = "no room for its recording"
_WHAT_TIME = "nobody knows what the time is"
_NO_TRUNK = "every trunk rests"
_HALTED, _STOPPED = "dialling was halted before the hand-over", "stopped before the hand-over"
_REMEMBER_ENDED = timedelta(seconds=10)
_REMEMBER_HEARD = timedelta(minutes=1)
"""Longer than any list of channels can be under way."""


def take_turn(
    state: FloorState,
    inputs: Iterable[Input],
    *,
    now: datetime,
    pacing_every: timedelta,
    known_until: datetime | None = None,
    pacing_watch: Callable[[], AbstractContextManager[object]] = nullcontext,
) -> Turn:
    """Let the inputs happen in order, then deadlines, matching, pacing and the screens.

    `known_until`: more waits to be read, but what happened before this instant is among the inputs; only
    deadlines until then are judged. `pacing_watch` is entered while the pacing decides: the stop-watch.
    """
    turn = Turn(now, known_until=known_until or now)
    for item in inputs:
        _take(state, turn, item)
    pacing_time = state.paced_at is None or now - state.paced_at >= pacing_every
    if pacing_time or state.due is None or state.due <= now:
        _look_at_all(state, turn)
    matching.match(state, turn)
    preview.offer(state, turn)
    if pacing_time:
        state.paced_at = now
        with pacing_watch():
            pacer.pace(state, turn)
        inbound.announce(state, turn)
        muting.again(state, turn)
        silence.ask(state, turn)
        _sweep(state, turn)
    owed.remember(state, turn)
    state.open_alarms += len(turn.alarms)
    views.show(state, turn)
    return turn


def _look_at_all(state: FloorState, turn: Turn) -> None:
    """Every call and agent: costly with a thousand lines, so only when something may be due."""
    goodbye.fire(state, turn)
    calls.fire_deadlines(state, turn)
    desk.fire_deadlines(state, turn)
    state.waiting = {key: live for key, live in state.calls.items() if live.call.state is CallState.WAITING}
    dues = (calls.next_deadline(state), desk.next_deadline(state), goodbye.next_deadline(state))
    state.due = min((due for due in dues if due is not None), default=turn.now + _FAR)


def _sweep(state: FloorState, turn: Turn) -> None:
    if state.swept_at is None:
        state.swept_at = turn.now
    if turn.now - state.swept_at < SWEEP_EVERY:
        return
    if state.swept_at.date() != turn.now.date():
        state.calls_today.clear()
    state.swept_at = turn.now
    state.just_ended = {k: at for k, at in state.just_ended.items() if turn.now - at < _REMEMBER_ENDED}
    state.given_up = {k: v for k, v in state.given_up.items() if k in state.just_ended}
    state.heard = {name: at for name, at in state.heard.items() if turn.now - at < _REMEMBER_HEARD}
    if state.pbx_up:
        turn.effects.append(effects.TakeSnapshot())
    turn.effects.append(effects.Reload())


def _take(state: FloorState, turn: Turn, item: Input) -> None:
    match item:
        case FactIn(fact=fact, at=at, told_at=told_at):
            learn(state, turn, fact, at, told_at or at)
        case CommandIn() | BadCommandIn():
            _came(state, turn, item)
        case CallEventIn(call_id=call_id, event=event, at=at):
            calls.happen(state, turn, call_id, event, at=at or turn.now)
        case PlacedIn() | LeadFoundIn() | LeadPlacedIn() | TakenInIn():
            _store_answered(state, turn, item)
        case SnapshotIn() | StalledIn() | NewsIn() | OpenCallsIn() | SpoolIn():
            _looked(state, turn, item)
        case LookRefusedIn() | StoreRefusedIn() | PutBackIn():
            _refused(state, turn, item)
        case RefreshIn():
            _refresh(state, turn, item)
        case CallbacksIn() | ResultsIn() | LeaseIn():
            _told(state, item)
        case ClockIn() | ClockSetIn():
            _time_told(state, turn, item)


def _looked(
    state: FloorState, turn: Turn, item: SnapshotIn | StalledIn | NewsIn | OpenCallsIn | SpoolIn
) -> None:
    match item:
        case SnapshotIn():
            reconcile(state, turn, item)
        case StalledIn():
            _stalled(state, turn, item)
        case NewsIn(learnt=learnt):
            for news in learnt:
                calls.learnt(state, turn, news)
                preview.person_stopped(state, turn, news.person_id)
        case OpenCallsIn(calls=found):
            _adopt(state, turn, found)
        case SpoolIn(room=room):
            spool.measured(state, turn, room)


def _time_told(state: FloorState, turn: Turn, item: ClockIn | ClockSetIn) -> None:
    match item:
        case ClockIn(in_doubt=why):
            if why and not state.clock_doubt:
                alarms.begins(state, turn, "clock_in_doubt", "clock", why)
            elif not why:
                alarms.over(state, turn, "clock_in_doubt", "clock")
            state.clock_doubt, state.clock_in_doubt = why, bool(why)
        case ClockSetIn(step=step):
            turn.alarms.append(("clock_set", "clock", f"{step.total_seconds():+.0f} s"))


def _stalled(state: FloorState, turn: Turn, item: StalledIn) -> None:
    """Nothing is judged before rows and channels were compared: an answer may wait unread."""
    if item.alarm:
        turn.alarms.append(("engine_stalled", "engine", item.why))
    state.looked = False
    if state.pbx_up:
        turn.effects.append(effects.TakeSnapshot())


def _refused(state: FloorState, turn: Turn, item: LookRefusedIn | StoreRefusedIn | PutBackIn) -> None:
    match item:
        case LookRefusedIn(why=why):
            turn.alarms.append(("snapshot_refused", "pbx", why))
        case StoreRefusedIn(what=what, why=why):
            turn.alarms.append(("store_refused", what, why))
        case PutBackIn():
            put_back(state, turn, item)


def _told(state: FloorState, item: CallbacksIn | ResultsIn | LeaseIn) -> None:
    match item:
        case CallbacksIn(due=due):
            state.callbacks = list(due)
        case ResultsIn(results=results):
            state.results = results
        case LeaseIn(held=held):
            state.lease_held = held


# --- calls that were placed ---------------------------------------------------------------------


def _store_answered(
    state: FloorState, turn: Turn, item: PlacedIn | LeadFoundIn | LeadPlacedIn | TakenInIn
) -> None:
    match item:
        case PlacedIn():
            _placed(state, turn, item)
        case LeadFoundIn():
            preview.found(state, turn, item)
        case LeadPlacedIn():
            _lead_placed(state, turn, item)
        case TakenInIn():
            inbound.taken_in(state, turn, item)


def _placed(state: FloorState, turn: Turn, item: PlacedIn) -> None:
    charged = pacer.placed(state, turn, item.campaign_id, item.asked, item.result)
    campaign = state.campaigns[item.campaign_id]
    halted = state.draining or campaign.status is not CampaignStatus.RUNNING
    for number, placed in enumerate(item.result.placed):
        stopped = placed.call.person_id in item.stopped
        against = _HALTED if halted else _STOPPED if stopped else ""
        _launch(state, turn, campaign, placed, against, charged[number] if number < len(charged) else "")


def _lead_placed(state: FloorState, turn: Turn, item: LeadPlacedIn) -> None:
    """The call that an agent waits for."""
    campaign = state.campaigns[item.asked.campaign_id]
    if not item.result.placed:
        return preview.refused(state, turn, item)
    (placed,) = item.result.placed
    halted = state.draining or campaign.status is not CampaignStatus.RUNNING
    stopped = placed.call.person_id in item.stopped
    trunk = preview.charged(state, item)
    here = preview.takes(state, turn, item, placed)
    reason = (
        _HALTED if halted else _STOPPED if stopped else "" if here else "the agent left before the hand-over"
    )
    _launch(state, turn, campaign, placed, reason, trunk)


def _launch(
    state: FloorState, turn: Turn, campaign: Campaign, placed: Placed, against: str, charged: str
) -> None:
    """Hand a committed attempt to the PBX, unless something speaks against it."""
    state.calls[placed.call.id] = Live(placed.call, placed.card, odds=placed.odds)
    state.wake(placed.call.deadline_at)
    if not state.dialplan_fits:
        against = _OTHER_DIALPLAN
    elif spool.bars(state, campaign):
        against = against or _NO_ROOM
    elif state.clock_in_doubt:
        against = against or _WHAT_TIME
    trunk = trunks.route(state, campaign, turn.now)
    if trunk is None:
        against = against or _NO_TRUNK
    if against or trunk is None:
        event = CallEvent(CallEventKind.CANCELLED, reason=against, unsent=True)
        calls.happen(state, turn, placed.call.id, event, at=turn.now)
    else:
        lines.carried(state, trunk, charged)
        trunks.launched(state, turn, state.calls[placed.call.id], trunk)
        turn.effects.append(effects.Originate(order_of(state, campaign, placed, trunk)))


def _adopt(state: FloorState, turn: Turn, found: Iterable[OpenCall]) -> None:
    """Attempts committed without our knowing: the channels tell what became of them."""
    for opened in found:
        known = opened.call.id in state.calls or opened.call.id in state.just_ended
        if not known and state.refusals.get(opened.call.id, 0) < MOST_REFUSALS:
            state.calls[opened.call.id] = live_of(opened)
            state.due = None
            turn.effects.append(effects.TakeSnapshot())


def order_of(state: FloorState, campaign: Campaign, placed: Placed, trunk: str) -> CallOrder:
    """How this attempt is handed to the PBX."""
    call, settings = placed.call, campaign.settings
    wait = call.limits.screening if call.screened else 0.0
    return CallOrder(
        channel_id=str(call.id),
        number=trunks.number_on(state, trunk, call.number),
        trunk=trunk,
        caller_id=campaign.caller_id,
        ring_limit=call.limits.ring,
        screen=(settings.screening if call.screened else Screening.OFF).value,
        recording=f"{state.spool}/{call.id}" if settings.record else "",
        language=placed.card.language or settings.language,
        # Speaks though the core's heart beats: later than the core's own deadline can be.
        fallback=call.limits.connect + wait + _greeting(settings, call.limits) + 1.0,
        # One outside the folder, from before there was one, is not played: the PBX has its own.
        voicemail=sound_in(state.messages, settings.voicemail_message) or "",
    )


def _greeting(settings: CampaignSettings, limits: CallLimits) -> float:
    """How long a machine may speak before our message is left on it."""
    return limits.greeting if settings.on_voicemail is OnVoicemail.LEAVE_MESSAGE else 0.0


# --- commands -----------------------------------------------------------------------------------


def _came(state: FloorState, turn: Turn, item: CommandIn | BadCommandIn) -> None:
    match item:
        case CommandIn(command=command):
            _command(state, turn, command)
        case BadCommandIn(bad=bad):
            _refused_at_the_door(turn, bad)


def _command(state: FloorState, turn: Turn, command: Command) -> None:
    if command.id and command.id in state.seen_commands:
        return
    state.seen_commands.append(command.id)
    trial = Trial(state, turn, command)
    try:
        _obeyed(state, turn, command)
    except Exception as defect:  # noqa: BLE001  # the one place that outlives a defect in a handler
        # Nothing of it is kept: half of a command would be committed as the truth.
        trial.undo()
        turn.alarms.append(("command_failed", command.kind, type(defect).__name__))
        turn.effects.append(effects.TakeSnapshot())
        desk.refuse(turn, command.actor_id, command.kind, "failed", page=command.session)


def _obeyed(state: FloorState, turn: Turn, command: Command) -> None:
    match command.request:
        case FloorSnapshot():
            state.want_whole_floor = True
        case ForcePause() | ForceLogOut() as asked:
            desk.force(state, turn, asked)
        case asked:
            desk.obey(state, turn, command, partial(_asked_of_desk, state, turn, asked))


def _asked_of_desk(state: FloorState, turn: Turn, asked: AgentAsks, agent: Agent) -> None:
    match asked:
        case NextLead() | CallPreview() | SkipPreview():
            preview.take(state, turn, agent, asked)
        case Transfer():
            transfer.take(state, turn, agent, asked)
        case Consult() | ConsultJoin() | ConsultComplete() | ConsultEnd():
            consult.take(state, turn, agent, asked)
        case _:
            desk.take(state, turn, agent, asked)


def _refused_at_the_door(turn: Turn, bad: BadCommand) -> None:
    """The page that sent it is told, and so is whoever looks after the machines."""
    turn.alarms.append(("malformed_command", bad.kind, bad.why))
    if bad.actor_id:
        desk.refuse(turn, bad.actor_id, bad.kind, "malformed", page=bad.session)


# --- settings and people ------------------------------------------------------------------------


def _refresh(state: FloorState, turn: Turn, item: RefreshIn) -> None:
    for campaign in item.campaigns:
        before = state.campaigns.get(campaign.id, campaign)
        if campaign.rules != before.rules:
            state.tally(campaign.id).dry_until = None  # whom the old rules held back may be called now
    state.open_alarms = item.open_alarms
    alarms.settle(state, turn)
    _caller_ids(state, turn, item.campaigns)
    state.campaigns = {campaign.id: campaign for campaign in item.campaigns}
    for kind, subject in item.alarmed:
        if subject not in _named(state, kind):
            alarms.over(state, turn, kind, subject)
    state.trunks = {trunk.name: trunk for trunk in item.trunks}
    for campaign_id, left in item.leads_left.items():
        tally = state.tally(campaign_id)
        if left.open != tally.left.open:
            tally.dry_until = None
        tally.left = left
    for campaign_id, audits in item.audits.items():
        state.tally(campaign_id).audits = audits
    known_before = set(state.agents)
    for fresh in item.agents:
        known = state.agents.get(fresh.id)
        state.agents[fresh.id] = _merged(state, known, fresh) if known is not None else fresh
    for agent_id in known_before - {agent.id for agent in item.agents}:
        _dismissed(state, turn, state.agents[agent_id])
    state.want_whole_floor = state.want_whole_floor or set(state.agents) != known_before
    state.floor_due = None


def _named(state: FloorState, kind: str) -> Set[str]:
    """What alarms of this kind may be about: nobody else would ever end those of the rest."""
    campaigns = state.campaigns.values()
    if kind == "trunk_open":
        return {trunk for campaign in campaigns for trunk in trunks.of_campaign(campaign)}
    if kind == "caller_id_blocked":
        return {campaign.caller_id for campaign in campaigns}
    return {campaign.code for campaign in campaigns}


def _caller_ids(state: FloorState, turn: Turn, fresh: Sequence[Campaign]) -> None:
    """A campaign whose number may not be shown any more, as of today or of a new pack: nobody is called."""
    for campaign in fresh:
        known = state.campaigns.get(campaign.id)
        told = known is not None and _barred(known)
        if _barred(campaign) and not told:
            detail = f"{campaign.caller_id or 'hidden'}: {campaign.caller_id_refused}"
            alarms.begins(state, turn, "caller_id_not_permitted", campaign.code, detail)
        elif not _barred(campaign):
            alarms.over(state, turn, "caller_id_not_permitted", campaign.code)


def _barred(campaign: Campaign) -> bool:
    return campaign.status is CampaignStatus.RUNNING and campaign.caller_id_refused != ""


def _dismissed(state: FloorState, turn: Turn, agent: Agent) -> None:
    """Who works here no more ends the call in progress, but gets no other."""
    if agent.state in desk.TIED:
        desk.keep(state, turn, replace(agent, campaigns=frozenset()))
    elif agent.state is not AgentState.OFFLINE:
        desk.log_out(state, turn, replace(agent, campaigns=frozenset()))


def _merged(state: FloorState, known: Agent, fresh: Agent) -> Agent:
    """What the database says of an agent, on top of the live presence."""
    wrap = [state.campaigns[c].settings.wrap_limit for c in fresh.campaigns if c in state.campaigns]
    return replace(
        known,
        name=fresh.name,
        endpoint=fresh.endpoint,
        skills=fresh.skills,
        campaigns=fresh.campaigns,
        wrap_limit=max(wrap, default=known.wrap_limit),
    )
