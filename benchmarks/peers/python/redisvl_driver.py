"""redisvl's SemanticCache as its guide shows it: check(prompt), else ask the model and store(prompt, response)."""

import sys
from importlib.metadata import version

from protocol import serve
from redisvl.extensions.cache.llm import SemanticCache
from redisvl.query.filter import Tag
from redisvl.utils.vectorize import CustomVectorizer


class Driver:
    version = f"redisvl {version('redisvl')}"

    def __init__(self, url):
        self.url = url
        self.cache = None

    def open(self, dimensions):
        if self.cache is not None:
            self.cache.delete()
        zero = [1.0] + [0.0] * (dimensions - 1)
        self.cache = SemanticCache(
            name="bench_peers_redisvl",
            redis_url=self.url,
            vectorizer=CustomVectorizer(embed=lambda _text, **_more: zero),
            filterable_fields=[{"name": "tenant", "type": "tag"}],
            overwrite=True,
        )

    def call(self, call, vector, say):
        tenant = call.get("tenant")
        condition = {"filter_expression": Tag("tenant") == tenant} if tenant else {}
        found = self.cache.check(prompt=call["text"], vector=vector, **condition)
        if found:
            return found[0]["response"], True
        answer = say()
        filters = {"filters": {"tenant": tenant}} if tenant else {}
        self.cache.store(prompt=call["text"], response=answer, vector=vector, **filters)
        return answer, False


serve(Driver(sys.argv[1]))
