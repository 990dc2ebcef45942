"""GPTCache by its own api (get, put), sqlite and faiss, similarity threshold .8: what its README's quick start builds."""

import shutil
import tempfile
from importlib.metadata import version

import numpy
from gptcache import Cache, Config
from gptcache.adapter.api import get, put
from gptcache.manager import CacheBase, VectorBase, get_data_manager
from gptcache.processor.pre import get_prompt
from gptcache.similarity_evaluation.distance import SearchDistanceEvaluation
from protocol import serve


class Driver:
    version = f"gptcache {version('gptcache')}"

    def __init__(self):
        self.folder = None
        self.cache = None
        self.vector = None

    def open(self, dimensions):
        if self.folder:
            shutil.rmtree(self.folder, ignore_errors=True)
        self.folder = tempfile.mkdtemp(prefix="bench-gptcache-")
        self.cache = Cache()
        self.cache.init(
            pre_embedding_func=get_prompt,
            embedding_func=lambda _text, **_more: numpy.array(self.vector, dtype="float32"),
            data_manager=get_data_manager(
                CacheBase("sqlite", sql_url=f"sqlite:///{self.folder}/cache.db"),
                VectorBase("faiss", dimension=dimensions, index_path=f"{self.folder}/faiss.index"),
                max_size=100_000,
            ),
            # Distances of unit vectors lie between 0 and 4; the same scale as the library's own benchmark uses.
            similarity_evaluation=SearchDistanceEvaluation(),
            config=Config(similarity_threshold=0.8),
        )

    def call(self, call, vector, say):
        self.vector = vector
        found = get(call["text"], cache_obj=self.cache)
        if found is not None:
            return found, True
        answer = say()
        put(call["text"], answer, cache_obj=self.cache)
        return answer, False


serve(Driver())
