"""Streams one chat completion with the official client of OpenAI, and prints what came as JSON."""

import json
import sys

import openai

base_url, api_key, problem = sys.argv[1:]
client = openai.OpenAI(base_url=base_url, api_key=api_key, max_retries=0)
stream = client.chat.completions.create(
    model="flowreasoner",
    messages=[
        {"role": "system", "content": "You write Python."},
        {"role": "user", "content": problem},
    ],
    stream=True,
    stream_options={"include_usage": True},
)
seen = {"reasoning": "", "content": "", "finish": None, "total_tokens": None}
for chunk in stream:
    if chunk.usage is not None:
        seen["total_tokens"] = chunk.usage.total_tokens
    for choice in chunk.choices:
        seen["reasoning"] += getattr(choice.delta, "reasoning_content", None) or ""
        seen["content"] += choice.delta.content or ""
        seen["finish"] = choice.finish_reason or seen["finish"]
try:
    client.chat.completions.create(model="flowreasoner", n=2, messages=[{"role": "user", "content": problem}])
except openai.BadRequestError as error:
    seen["refused"] = error.param
json.dump({**seen, "version": openai.__version__}, sys.stdout)
