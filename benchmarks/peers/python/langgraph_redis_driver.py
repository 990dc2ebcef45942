"""langgraph-redis' SemanticCacheMiddleware, driven as create_agent drives it, with its defaults."""

import asyncio
import sys
from importlib.metadata import version

from langchain.agents.middleware.types import ModelRequest, ModelResponse
from langchain_core.language_models.fake_chat_models import GenericFakeChatModel
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage
from langgraph.middleware.redis import SemanticCacheConfig, SemanticCacheMiddleware
from protocol import serve
from redis import Redis
from redisvl.utils.vectorize import CustomVectorizer

NAME = "bench_peers_langgraph"


class Driver:
    version = f"langgraph-checkpoint-redis {version('langgraph-checkpoint-redis')}"

    def __init__(self, url):
        self.url = url
        self.loop = asyncio.new_event_loop()
        self.middleware = None
        self.vectors = {}

    def open(self, dimensions):
        client = Redis.from_url(self.url)
        try:
            client.execute_command("FT.DROPINDEX", NAME, "DD")
        except Exception:  # there was none
            pass
        client.close()
        filler = [1.0] + [0.0] * (dimensions - 1)
        embed = lambda text, **_more: self.vectors.get(text, filler)  # noqa: E731

        async def aembed(text, **_more):
            return embed(text)

        self.middleware = SemanticCacheMiddleware(
            SemanticCacheConfig(
                redis_url=self.url, name=NAME, vectorizer=CustomVectorizer(embed=embed, aembed=aembed)
            )
        )

    def call(self, call, vector, say):
        self.vectors[call["text"]] = vector
        asked = False

        async def handler(_request):
            nonlocal asked
            asked = True
            reason = "length" if call.get("truncated") else "stop"
            return ModelResponse(result=[AIMessage(say(), response_metadata={"finish_reason": reason})])

        turns = [
            HumanMessage(turn["text"]) if turn["role"] == "user" else AIMessage(turn["text"])
            for turn in call.get("earlier", [])
        ]
        text = call["text"]
        image = call.get("imageUrl")
        content = [{"type": "text", "text": text}, {"type": "image_url", "image_url": {"url": image}}] if image else text
        request = ModelRequest(
            model=GenericFakeChatModel(messages=iter([]), metadata={"model": call.get("model")}),
            messages=[*turns, HumanMessage(content)],
            system_message=SystemMessage(call["system"]) if call.get("system") else None,
            tools=[{"type": "function", "function": {"name": name}} for name in call.get("tools", [])],
            model_settings={"temperature": call.get("temperature", 0)},
            response_format={"type": "json_object"} if call.get("jsonAnswer") else None,
        )
        response = self.loop.run_until_complete(self.middleware.awrap_model_call(request, handler))
        return response.result[-1].content, not asked


serve(Driver(sys.argv[1]))
