"""What is said when Kafka or Postgres cannot be reached."""


def kafka_trouble(servers: str, error: BaseException) -> str:
    """One line that names the servers."""
    what = f"Kafka at {servers} cannot be used ({type(error).__name__})"
    return f"{what}: start it (make run does), or correct KAFKA_BOOTSTRAP_SERVERS"


def database_trouble(error: BaseException) -> str:
    """One line with Postgres' own reason, which never names the password."""
    reason = next((line for line in str(error).strip().splitlines() if line), type(error).__name__)
    return f"Postgres cannot be used ({reason}): start it (make run does), or correct DATABASE_URL"
