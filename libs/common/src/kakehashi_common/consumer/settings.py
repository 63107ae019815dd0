"""Settings of consumers: batches, retries, sessions and the limit of dead letters."""

from datetime import timedelta

from pydantic import Field, model_validator

from kakehashi_common.dead_letters.limit import DeadLetterLimit
from kakehashi_common.settings import Group


class ConsumerSettings(Group):
    """Settings of a consumer: reading, retrying and giving up."""

    max_records: int = Field(default=2000, ge=1, le=50_000, description="Records in a batch")
    read_ahead: int = Field(default=2, ge=1, le=16, description="Decoded batches kept waiting")
    poll_milliseconds: int = Field(
        default=25, ge=1, le=1000, description="How long to sleep after a poll that found nothing"
    )
    max_poll_interval_seconds: float = Field(
        default=300, gt=0, description="A consumer that reads nothing for longer leaves its group"
    )
    retry_budget_seconds: float = Field(
        default=240, gt=0, description="Transient errors are retried this long, then the run fails"
    )
    session_timeout_seconds: float = Field(
        default=6, ge=1, description="Kafka takes the partitions of a process silent for longer"
    )
    rebalance_timeout_seconds: float = Field(
        default=30, ge=6, description="How long others wait for this consumer to let go"
    )
    stop_timeout_seconds: float = Field(
        default=20, gt=0, description="How long a batch may take to finish once asked to stop"
    )
    dead_letter_share: float = Field(
        default=0.2,
        gt=0,
        le=1,
        description="Halt when more than this share of every source is dead letters",
    )
    dead_letter_at_least: int = Field(
        default=50, ge=1, description="... and at least this many together"
    )
    dead_letter_records: int = Field(
        default=1000, ge=1, description="... of a source's last records"
    )
    dead_letter_window_seconds: float = Field(default=600, gt=0, description="... none older")

    @model_validator(mode="after")
    def _retries_end_before_poll_limit(self) -> "ConsumerSettings":
        if self.retry_budget_seconds >= self.max_poll_interval_seconds:
            raise ValueError(
                "retry_budget_seconds has to be below max_poll_interval_seconds: "
                "a consumer that retries for longer loses its partitions"
            )
        return self

    def dead_letter_limit(self) -> DeadLetterLimit:
        """Return when the consumer stops rather than drain into the dead-letter topic."""
        return DeadLetterLimit(
            share=self.dead_letter_share,
            at_least=self.dead_letter_at_least,
            records=self.dead_letter_records,
            window=timedelta(seconds=self.dead_letter_window_seconds),
        )
