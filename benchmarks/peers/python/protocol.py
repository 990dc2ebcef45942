"""One JSON object a line: calls come on stdin, answers leave on stdout. A driver gives `serve` a class."""

import base64
import json
import struct
import sys
import time
import traceback


def vector_of(call):
    raw = base64.b64decode(call["vector"])
    return list(struct.unpack(f"<{len(raw) // 4}f", raw))


class Answers:
    """What the model says: the wanted answer, else one it never gave before."""

    def __init__(self):
        self.count = 0

    def say(self, call):
        if call.get("answer") is not None:
            return call["answer"]
        self.count += 1
        return f"answer {self.count}"


def serve(driver):
    """`driver` has `version`, `open(dimensions)` and `call(call, vector, say) -> (answer, cached)`."""
    out = sys.stdout
    sys.stdout = sys.stderr  # libraries print; stdout belongs to the protocol
    answers = Answers()
    for line in sys.stdin:
        request = json.loads(line)
        try:
            if request["op"] == "version":
                reply = {"version": driver.version}
            elif request["op"] == "open":
                driver.open(request["dimensions"])
                reply = {}
            else:
                call = request["call"]
                vector = vector_of(call)
                started = time.perf_counter_ns()
                answer, cached = driver.call(call, vector, lambda: answers.say(call))
                reply = {
                    "answer": answer,
                    "cached": cached,
                    "microseconds": (time.perf_counter_ns() - started) / 1000,
                }
        except Exception as error:  # the reason goes to the report
            traceback.print_exc()
            reply = {"error": f"{type(error).__name__}: {error}"}
        out.write(json.dumps(reply) + "\n")
        out.flush()
