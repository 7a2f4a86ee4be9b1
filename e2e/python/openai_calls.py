"""OpenAI's client as it is: one call for each line of JSON on stdin, one line with its outcome on stdout."""

import json
import sys

from openai import APIError, OpenAI


def outcome_of(call):
    client = OpenAI(base_url=call["base_url"], api_key=call["api_key"], max_retries=0)
    chunks = []
    try:
        answer = client.chat.completions.create(**call["request"])
        if not call["request"].get("stream"):
            return {"answer": answer.model_dump()}
        for chunk in answer:
            chunks.append(chunk.model_dump())
        return {"chunks": chunks}
    except APIError as error:
        return {
            "chunks": chunks,
            "error": type(error).__name__,
            "status": getattr(error, "status_code", None),
            "code": error.code,
            "param": error.param,
        }


def main():
    for line in sys.stdin:
        print(json.dumps(outcome_of(json.loads(line))), flush=True)


main()
