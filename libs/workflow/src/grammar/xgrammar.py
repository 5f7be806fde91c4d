"""Loads a grammar in xgrammar and says which texts its matcher accepts.

Reads {"grammar": …, "texts": […]} and writes {"error": …} or {"accepted": […]}.
The first argument is the folder that xgrammar is installed in. It imports torch,
transformers and numpy for tensors and tokenizers that are not needed here:
empty modules stand in for them, the grammar compiler and the matcher are the
library's own.
"""

import json
import sys
import types

sys.path.insert(0, sys.argv[1])
import tvm_ffi  # noqa: E402, F401 (looks for the real torch and numpy, so it comes first)


class Empty(types.ModuleType):
    __path__ = []

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return type(name, (), {})


for module in ("torch", "transformers", "numpy", "numpy.typing"):
    sys.modules[module] = Empty(module)
# The one value that is made when xgrammar is loaded.
sys.modules["torch"].tensor = lambda *args, **kwargs: None
import xgrammar  # noqa: E402

END = 256


def main():
    request = json.load(sys.stdin)
    tokens = [bytes([byte]) for byte in range(256)] + [b"</s>"]
    compiler = xgrammar.GrammarCompiler(
        xgrammar.TokenizerInfo(tokens, vocab_type=xgrammar.VocabType.RAW, stop_token_ids=[END])
    )
    try:
        grammar = compiler.compile_grammar(request["grammar"])
    except RuntimeError as error:
        return {"error": str(error)}
    accepted = []
    for text in request["texts"]:
        matcher = xgrammar.GrammarMatcher(grammar)
        accepted.append(matcher.accept_string(text) and matcher.accept_token(END))
    return {"accepted": accepted}


json.dump(main(), sys.stdout)
