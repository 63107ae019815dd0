"""Mistakes in playbooks."""

from dataclasses import dataclass
from enum import StrEnum


class FindingCode(StrEnum):
    """The name of a mistake; stable, for programs."""

    NO_ENTRY = "no_entry"
    BEHAVIOUR_WITHOUT_POLICY_AREA = "behaviour_without_policy_area"
    NO_GOAL = "no_goal"
    NO_STEPS = "no_steps"
    TOO_MANY_STEPS = "too_many_steps"
    PRIORITY_OUT_OF_RANGE = "priority_out_of_range"
    GOOD_AND_AFTERWARDS = "good_and_afterwards"
    RE_ENTRY_OUT_OF_RANGE = "re_entry_out_of_range"
    CAP_ABOVE_GLOBAL = "cap_above_global"
    STEP_ID_TWICE = "step_id_twice"
    UNKNOWN_STEP = "unknown_step"
    UNREACHABLE_STEP = "unreachable_step"
    LOOP_WITHOUT_WAIT = "loop_without_wait"
    MAIL_REPEATED = "mail_repeated"
    BRANCH_WITHOUT_TIME_OUT = "branch_without_time_out"
    WAIT_OUT_OF_RANGE = "wait_out_of_range"
    NO_SUCH_DAY = "no_such_day"
    UNKNOWN_PHASE = "unknown_phase"
    UNKNOWN_BEHAVIOUR = "unknown_behaviour"
    KEY_MOMENT_NOT_A_TASK = "key_moment_not_a_task"
    UNKNOWN_TEMPLATE = "unknown_template"
    TEMPLATE_OF_WRONG_KIND = "template_of_wrong_kind"
    UNUSED_TEMPLATE = "unused_template"
    ROLE_WITHOUT_VARIANT = "role_without_variant"
    MANAGER_WITHOUT_APPROVAL = "manager_without_approval"
    COMPETITOR_WITHOUT_APPROVAL = "competitor_without_approval"
    HEARING_TOO_EARLY = "hearing_too_early"
    POC_WEEKS_OUT_OF_RANGE = "poc_weeks_out_of_range"
    EXPERIMENT_WITHOUT_ALTERNATIVE = "experiment_without_alternative"
    ALTERNATIVE_WITHOUT_EXPERIMENT = "alternative_without_experiment"
    ALTERNATIVE_WITHOUT_TEMPLATE = "alternative_without_template"
    EXPERIMENT_MIXES_KINDS = "experiment_mixes_kinds"
    EXPERIMENT_OUT_OF_RANGE = "experiment_out_of_range"
    SIZE_BAND_NOT_ADDRESSED = "size_band_not_addressed"
    TOO_FEW_CHANNELS = "too_few_channels"
    CHANNEL_TWICE = "channel_twice"
    CHANNELS_TO_DIFFERENT_PEOPLE = "channels_to_different_people"
    KEY_MOMENT_BY_CHANNEL = "key_moment_by_channel"
    UNKNOWN_WEBHOOK = "unknown_webhook"
    CONTENT_ONLY_OFFERED = "content_only_offered"
    COUNCIL_WITHOUT_APPROVAL = "council_without_approval"


@dataclass(frozen=True, slots=True)
class Finding:
    """One mistake."""

    code: FindingCode
    message: str
    """The mistake and its fix."""
    key: str
    """The key in the step, or in the playbook if ``step`` is ``None``."""
    step: int | None = None
    """The place among all steps, in :attr:`~.playbook.Playbook.all_steps`."""
