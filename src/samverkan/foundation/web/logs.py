"""Log lines as JSON without personal data: no addresses, no form values, no query strings."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime


class JsonFormatter(logging.Formatter):
    """One line per event: time, level, logger, message template, and where an error arose.

    The message's arguments and the exception's text are left out, since they may hold what a
    person wrote; the kind of the error and its place in the code are enough to find it.
    """

    def format(self, record: logging.LogRecord) -> str:
        entry: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": str(record.msg),
        }
        for name in ("request_id", "code", "route", "status", "milliseconds"):
            if hasattr(record, name):
                entry[name] = getattr(record, name)
        if record.exc_info and record.exc_info[0]:
            frames = []
            trace = record.exc_info[2]
            while trace:
                code = trace.tb_frame.f_code
                frames.append(f"{code.co_filename.rsplit('samverkan/', 1)[-1]}:{trace.tb_lineno} {code.co_name}")
                trace = trace.tb_next
            entry["error"] = record.exc_info[0].__name__
            if not record.args and str(record.msg) == str(record.exc_info[1]):
                # Django logs a suspicious request by the exception's own text, which quotes the request.
                entry["event"] = record.exc_info[0].__name__
            entry["frames"] = frames[-8:]
        return json.dumps(entry, ensure_ascii=False)
