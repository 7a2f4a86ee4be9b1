"""The published client as it is: one call for each line of JSON on stdin, one line with its outcome on stdout."""

import asyncio
import json
import logging
import sys

from nomyo import SecureChatCompletion

logging.disable(logging.WARNING)


async def outcome_of(call, key_dir):
    client = SecureChatCompletion(
        base_url=call["base_url"],
        allow_http=True,
        api_key=call["api_key"],
        key_dir=key_dir,
        max_retries=0,
    )
    try:
        return {"answer": await client.create(**call["request"])}
    except Exception as error:
        return {
            "error": type(error).__name__,
            "status": getattr(error, "status_code", None),
            "message": str(error),
        }


def main():
    [key_dir] = sys.argv[1:]
    for line in sys.stdin:
        print(json.dumps(asyncio.run(outcome_of(json.loads(line), key_dir))), flush=True)


main()
