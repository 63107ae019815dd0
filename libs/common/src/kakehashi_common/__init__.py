"""What every Kakehashi service shares: contracts, messaging, outbox, Temporal, telemetry, HTTP."""
