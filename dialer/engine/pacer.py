"""Join of the floor to the pacing model: who is decided when, what is ordered, cancelled and stored."""

from dataclasses import replace
from datetime import datetime, timedelta

from dialer.engine import calls, floors, lines, screening, spool, trunks
from dialer.engine.effects import Place
from dialer.engine.floors import Sight
from dialer.engine.screening import SCREENING_STOPPED
from dialer.engine.state import FloorState, Tally, Turn
from dialer.model.call import CallEvent, CallEventKind, CallState
from dialer.model.campaign import Campaign, CampaignStatus
from dialer.model.holds import Hold, HoldCode
from dialer.ports import LearnerRecord, ModelRecord, PacingRecord, PlaceResult, TrunkLimits
from pacing import Decision, Floor, Learner, Limits, Model, Pace, Why, decide, joint
from pacing.joint import Party
from pacing.predictive import SHARED, shared_price
from pacing.records import flat
from pacing.turns import Turns, bounded

MOST_AT_ONCE = 50
"""Calls ordered of the store in one go."""
GIVEN_UP = "no agent will be free"
"""Reason of the calls that pacing cancels while they ring."""
STORED_EVERY = timedelta(seconds=10)
"""A running campaign stores a decision at least this often while there is anybody on its floor."""
_NEWS_EVERY = timedelta(seconds=1)
"""Shortest time between two stored decisions that only say something else, and order nothing."""
SAVED_EVERY = timedelta(minutes=1)
"""How often what was learned is saved for the next start."""
_FIRST_DRY, _LAST_DRY = 2.0, 15.0
"""Seconds a campaign without a callable lead is left alone, doubling."""
_NO_LIMIT = 1_000_000_000


def pace_of(campaign: Campaign) -> Pace:
    """What the supervisor has set, within the cap."""
    settings = campaign.settings
    return Pace(
        mode=settings.mode.value,
        target=min(settings.target_abandonment, settings.max_abandonment),
        calls_per_agent=settings.calls_per_agent,
        boost=settings.boost,
        cancel=settings.cancel_ringing,
    )


def pace(state: FloorState, turn: Turn) -> None:
    """One decision for every running campaign; those that share agents see what the earlier ones placed."""
    if not state.dials:
        return
    _fill_buckets(state, turn.now)
    trunks.look(state, turn.now)
    seen = floors.sights(state, turn.now)
    for campaign_id, sight in seen.items():
        if screening.look(state, turn, state.campaigns[campaign_id], sight.party.floor.windows):
            # The next engine must know at once: its windows do not tell whether it was stopped.
            _keep(state, turn, campaign_id)
    crews = {campaign_id: sight.party.agents for campaign_id, sight in seen.items()}
    place = {campaign_id: number for number, campaign_id in enumerate(seen)}
    for group in joint.groups(crews):
        mine = {campaign_id: seen[campaign_id] for campaign_id in sorted(group, key=place.__getitem__)}
        _pace_group(state, turn, mine, group)


def _pace_group(state: FloorState, turn: Turn, seen: dict[int, Sight], group: frozenset[int]) -> None:
    """Campaigns that share agents: at one price, by weight and deficit."""
    dialing = {c for c in sorted(group) if _dials(state, state.campaigns[c])}
    weights = {c: float(state.campaigns[c].settings.weight) for c in sorted(group)}
    wanting = {c for c in dialing if seen[c].party.wants}
    level = joint.levelled(state.served, weights, wanting)
    state.served |= level
    turns = Turns(level, weights, wanting, {c: seen[c].party for c in group})
    for campaign_id in sorted(dialing):
        state.learner(campaign_id).watch(seen[campaign_id].party.floor, turn.now.timestamp())
    price = _shared_price(state, seen, wanting)
    for campaign_id in turns.order():
        if campaign_id in dialing:
            seen[campaign_id] = _pace_one(state, turn, state.campaigns[campaign_id], seen, (turns, price))
    for campaign_id in sorted(group - dialing):
        if seen[campaign_id].ringing:
            _give_up_only(state, turn, state.campaigns[campaign_id], seen, (turns, price))


def _dials(state: FloorState, campaign: Campaign) -> bool:
    if bar := _barred(state, campaign):
        tally = state.tally(campaign.id)
        tally.last, tally.dry = bar, False
        return False
    return campaign.status is CampaignStatus.RUNNING


def _barred(state: FloorState, campaign: Campaign) -> Hold | None:
    """What forbids to dial at all."""
    if spool.bars(state, campaign):
        return Hold(HoldCode.NO_ROOM)
    if campaign.caller_id_refused:
        return Hold(HoldCode.CALLER_ID, campaign.caller_id_refused)
    return trunks.rest(state, campaign)


def _shared_price(state: FloorState, seen: dict[int, Sight], wanting: set[int]) -> dict[str, float]:
    """What goes into the trim of each campaign that shares agents; nothing for one alone."""
    if len(wanting) < 2:
        return {}
    members = []
    for campaign_id in sorted(wanting):
        pace, trim = pace_of(state.campaigns[campaign_id]), state.learner(campaign_id).trim()
        members.append((replace(seen[campaign_id].party.floor, trim=trim), pace.target * pace.boost))
    return {SHARED: shared_price(members)}


def _pace_one(
    state: FloorState,
    turn: Turn,
    campaign: Campaign,
    seen: dict[int, Sight],
    shared: tuple[Turns, dict[str, float]],
) -> Sight:
    sight = seen[campaign.id]
    own = _within(sight, _limits(state, campaign, seen, turn.now))
    made, decision = _decided(state, campaign, seen, own, shared)
    odds = _order_calls(state, turn, campaign, decision.calls)
    give_up(state, turn, sight, decision)
    _store(state, turn, campaign, made, decision)
    _save(state, turn, campaign, state.learner(campaign.id))
    return replace(sight, party=own.placing(odds), in_air=sight.in_air + decision.calls)


def _give_up_only(
    state: FloorState,
    turn: Turn,
    campaign: Campaign,
    seen: dict[int, Sight],
    shared: tuple[Turns, dict[str, float]],
) -> None:
    """Who may not dial still rings people, and gives up those for whom no agent will be free."""
    bar, limits = state.tally(campaign.id).last, _limits(state, campaign, seen, turn.now)
    own = _within(seen[campaign.id], replace(limits, tokens=0))
    made, decision = _decided(state, campaign, seen, own, shared)
    if decision.cancel:
        give_up(state, turn, seen[campaign.id], decision)
        _store(state, turn, campaign, made, decision)
        state.tally(campaign.id).last = bar


def _within(sight: Sight, limits: Limits) -> Party:
    return replace(sight.party, floor=replace(sight.party.floor, limits=limits))


def _decided(
    state: FloorState,
    campaign: Campaign,
    seen: dict[int, Sight],
    own: Party,
    shared: tuple[Turns, dict[str, float]],
) -> tuple[tuple[Pace, Model, Floor], Decision]:
    """What the pacing says of its own party among the others, and what it was told."""
    turns, price = shared
    learner = state.learner(campaign.id)
    model = learner.model()
    others = [other.party for key, other in seen.items() if key != campaign.id]
    whole = joint.seen(own, others, model)
    whole = replace(whole, trim=learner.trim() | price, model=model.version)
    pace = pace_of(campaign)
    floor = bounded(whole, turns.most(campaign.id))
    decision = decide(pace, model, floor)
    if not turns.heard(campaign.id, decision):
        floor = bounded(whole, turns.most(campaign.id))
        decision = decide(pace, model, floor)
    return (pace, model, floor), decision


# --- limits ---------------------------------------------------------------------------------------


def _fill_buckets(state: FloorState, now: datetime) -> None:
    for campaign in state.campaigns.values():
        state.tally(campaign.id).bucket.fill(lines.reach(state, campaign, now).cps, now)
    lines.fill_buckets(state, now)


def _limits(state: FloorState, campaign: Campaign, seen: dict[int, Sight], now: datetime) -> Limits:
    """The campaign's own limits and what its trunk has left for it."""
    settings, sight = campaign.settings, seen[campaign.id]
    name = trunks.usual(state, campaign, now)
    trunk = state.trunks.get(name, TrunkLimits(name))
    left = lines.reach(state, campaign, now).lines - sight.in_air
    if trunk.max_lines is not None:
        left = min(left, trunk.max_lines - lines.on_trunk(state, name))
    tokens = int(state.tally(campaign.id).bucket.tokens)
    if trunk.max_cps is not None:
        tokens = min(tokens, int(state.trunk_buckets[name].tokens))
    if (room := trunks.room(state, campaign, now)) is not None:
        tokens = min(tokens, room)
    # The guard takes off the lines what is in the air here; its agents may be on other campaigns' calls.
    floor = sight.party.floor
    return Limits(
        lines=left + floor.in_flight + floor.on_call.size,
        tokens=min(tokens, MOST_AT_ONCE),
        leads=not floors.is_dry(state, campaign, now),
        calls_per_agent=settings.max_calls_per_agent,
        minimum_ring=campaign.minimum_ring,
        connect_limit=settings.agent_limit,
    )


def _order_calls(state: FloorState, turn: Turn, campaign: Campaign, count: int) -> tuple[float, ...]:
    """Order calls of the store; returns the odds of the leads that will be called."""
    if count <= 0:
        return ()
    tally = state.tally(campaign.id)
    odds = (*tally.next_odds[:count], *[1.0] * (count - len(tally.next_odds)))
    tally.placing_odds = (*tally.placing_odds[: tally.placing], *odds)
    tally.next_odds = tally.next_odds[count:]
    for _ in range(count):
        # One by one: the first may be the call that tries a trunk, and the next goes elsewhere.
        name = trunks.usual(state, campaign, turn.now)
        tally.placing_on = (*tally.charged, name)
        tally.placing += 1
        lines.take(state, name)
    tally.bucket.tokens -= count
    state.served[campaign.id] = state.served.get(campaign.id, 0.0) + count / campaign.settings.weight
    turn.effects.append(Place(campaign.id, count))
    return odds


def give_up(state: FloorState, turn: Turn, sight: Sight, decision: Decision) -> None:
    """Give up this campaign's own ringing calls; further places in the floor are calls of others."""
    for place in decision.cancel:
        call_id = sight.ringing[place] if place < len(sight.ringing) else None
        live = state.calls.get(call_id) if call_id is not None else None
        # A call that took a step this very turn may have been answered: it is looked at again in the next.
        if live is None or live.call.state is not CallState.RINGING or live.call.id in turn.touched:
            continue
        event = CallEvent(CallEventKind.CANCELLED, reason=GIVEN_UP)
        calls.happen(state, turn, live.call.id, event, at=turn.now)


# --- what is stored -------------------------------------------------------------------------------


def _store(
    state: FloorState, turn: Turn, campaign: Campaign, made: tuple[Pace, Model, Floor], decision: Decision
) -> None:
    """Keep what the decision was made of; the model once for all decisions made with it."""
    pace, model, floor = made
    tally = state.tally(campaign.id)
    tally.last, tally.capped, tally.forecast = decision, decision.capped, decision.forecast
    why = decision.why
    if not _worth_storing(tally, turn.now, floor, why):
        return
    tally.recorded_at, tally.recorded_kind = turn.now, why.kind
    if tally.model_stored != model.version:
        tally.model_stored = model.version
        record = model.as_record()
        turn.models.append(ModelRecord(campaign.id, state.epoch, model.version, turn.now, record))
    turn.pacing.append(
        PacingRecord(
            campaign.id,
            turn.now,
            {
                "floor": floor.as_record(),
                "pace": pace.as_record(),
                "settings_version": campaign.settings_version,
                "epoch": state.epoch,
                "model": model.version,
            },
            decision.calls,
            decision.reason,
            decision.cancel,
            flat(decision.forecast) if decision.forecast is not None else None,
            state.epoch,
            model.version,
            why.as_record(),
        )
    )


def _worth_storing(tally: Tally, now: datetime, floor: Floor, why: Why) -> bool:
    """What orders or cancels calls, what says something new, and the floor every ten seconds."""
    if why.calls or why.cancels:
        return True
    if not (floor.agents or floor.in_flight):
        return False
    if tally.recorded_at is None:
        return True
    since = now - tally.recorded_at
    return since >= STORED_EVERY or (why.kind != tally.recorded_kind and since >= _NEWS_EVERY)


def _save(state: FloorState, turn: Turn, campaign: Campaign, learner: Learner) -> None:
    """Once a minute; an idle campaign has nothing new."""
    tally = state.tally(campaign.id)
    if tally.learner_saved_at is None:
        tally.learner_saved_at = turn.now
    elif turn.now - tally.learner_saved_at >= SAVED_EVERY:
        _keep(state, turn, campaign.id)


def _keep(state: FloorState, turn: Turn, campaign_id: int) -> None:
    state.tally(campaign_id).learner_saved_at = turn.now
    turn.learners.append(_record(state, campaign_id, turn.now))


def _record(state: FloorState, campaign_id: int, now: datetime) -> LearnerRecord:
    content = state.learner(campaign_id).as_record()
    stopped = state.tally(campaign_id).screening_stopped
    return LearnerRecord(campaign_id, now, content | {SCREENING_STOPPED: stopped})


def all_learned(state: FloorState, now: datetime) -> tuple[LearnerRecord, ...]:
    """What every campaign has learned, to be saved before the engine leaves."""
    return tuple(_record(state, key, now) for key in state.learners if key in state.campaigns)


def placed(
    state: FloorState, turn: Turn, campaign_id: int, asked: int, result: PlaceResult
) -> tuple[str, ...]:
    """The store answered an order for calls; returns the trunks that they were charged to."""
    tally = state.tally(campaign_id)
    charged = tally.charged
    tally.placing = max(0, tally.placing - asked)
    tally.placing_on = charged[asked:]
    tally.placing_odds = tally.placing_odds[asked:]
    tally.next_odds = result.next_odds
    tally.dry, tally.waiting = result.dry, result.waiting
    if result.placed:
        tally.dry_pause = 0.0
    if result.dry:
        tally.dry_pause = min(_LAST_DRY, max(_FIRST_DRY, tally.dry_pause * 2))
        tally.dry_until = turn.now + timedelta(seconds=tally.dry_pause)
    return charged[:asked]
