"""Write the legal footer below a mail."""

from typing import Final

from followup.domain.send_policy.footer import Footer

OPT_OUT_LABEL: Final = "配信停止のお手続き"
"""The line about opting out; quoting it in an answer is no opt-out."""


def footer_lines(footer: Footer) -> tuple[str, ...]:
    """Return the footer line by line."""
    return (
        f"送信者: {footer.sender}",
        f"住所: {footer.postal_address}",
        f"お問い合わせ・苦情の受付: {footer.complaints}",
        f"{OPT_OUT_LABEL}: {footer.opt_out}",
    )
