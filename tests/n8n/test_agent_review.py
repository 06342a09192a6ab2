"""The node as Human Review of an AI agent's tool, in a real n8n with a real agent; only OpenAI is a stand-in."""

import json
import uuid
from typing import Any

import pytest

from tests.n8n import nodes
from tests.n8n.outcomes import handoffs_waited_for
from tests.n8n.stage import Stage
from tests.system.n8n_clients import ran

pytestmark = [pytest.mark.real_n8n, pytest.mark.timeout(180)]

Json = dict[str, Any]

TOOL, REVIEW = "Post Message", "Human Review"
TEXT = "The desk is on its way."
SHORT_WAIT = {"limitWaitTime": True, "limitType": "afterTimeInterval", "resumeAmount": 0.05, "resumeUnit": "minutes"}


def agent(name: str, **review: Any) -> Json:
    """An agent that may post to Slack, when a person lets it."""
    prompt = {"promptType": "define", "text": "={{ $json.body.items[0].prompt }}", "options": {}}
    model = {"model": {"__rl": True, "mode": "id", "value": "gpt-5-mini"}, "responsesApiEnabled": False, "options": {}}
    channel = {"__rl": True, "mode": "name", "value": "#support"}
    text = "={{ $fromAI('text', 'What to post', 'string') }}"
    options = {"includeLinkToWorkflow": False}
    post = {"select": "channel", "channelId": channel, "text": text, "otherOptions": options}
    ask = {"message": "=May the agent run {{ $tool.name }}?", "workflowId": name, **review}
    kind = "@n8n/n8n-nodes-langchain."
    document = nodes.workflow(
        name,
        [
            nodes.webhook(name),
            nodes.node("Agent", f"{kind}agent", 3.1, prompt),
            nodes.node("Model", f"{kind}lmChatOpenAi", 1.3, model, credentials=credential("openAiApi", "openai")),
            nodes.node(TOOL, "slackTool", 2.7, post, credentials=credential("slackApi", "slackapi-slack")),
            nodes.node(
                REVIEW,
                f"{nodes.HANDOFF}HitlTool",
                1,
                ask,
                credentials=credential("handoffApi", "handoff"),
                webhookId=str(uuid.uuid4()),
            ),
            nodes.end("Said"),
        ],
        [("Start", "Agent"), ("Agent", "Said")],
    )
    for source, target, kind in (
        ("Model", "Agent", "ai_languageModel"),
        (TOOL, REVIEW, "ai_tool"),
        (REVIEW, "Agent", "ai_tool"),
    ):
        document["connections"][source] = {kind: [[{"node": target, "type": kind, "index": 0}]]}
    return document


def credential(kind: str, identifier: str) -> Json:
    return {kind: {"id": identifier, "name": identifier}}


def completion(**message: Any) -> Json:
    choice = {"index": 0, "message": {"role": "assistant", "content": None, **message}, "finish_reason": "stop"}
    usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
    return {
        "id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "m",
        "choices": [choice], "usage": usage,
    }  # fmt: skip


def let_the_model_want_to_post(stage: Stage) -> None:
    """It wants to use its tool; once it was told what came of that, it says so and ends."""
    arguments = json.dumps({"toolParameters": {"text": TEXT}, "hitlParameters": {}})
    call = {"id": "call_1", "type": "function", "function": {"name": "Post_Message", "arguments": arguments}}
    host, path = "api.openai.com", "/v1/chat/completions"
    stage.proxy.answer(host, path, body=completion(tool_calls=[call]))
    stage.proxy.answer(host, path, body=completion(content="That was it."), about='"role":"tool"')


def told_to_the_model(stage: Stage) -> str:
    """What the model was told about its tool call."""
    last = stage.proxy.requests("api.openai.com")[-1]["body"]["messages"]
    (told,) = [message["content"] for message in last if message["role"] == "tool"]
    return str(told)


def start(stage: Stage, **review: Any) -> str:
    let_the_model_want_to_post(stage)
    name = f"agent-{uuid.uuid4().hex[:8]}"
    return stage.send(stage.publish(agent(name, **review)), {"prompt": "Tell the team about the desk."})


def begin(stage: Stage) -> tuple[str, str]:
    """The same, until it waits; the ids of the execution and of its handoff."""
    execution_id = start(stage)
    (handoff_id,) = handoffs_waited_for(stage.wait_for(execution_id, "waiting"), REVIEW)
    assert stage.posted() == []
    return execution_id, handoff_id


@pytest.mark.req("R-STORE-15", "R-INT-05", "H1")
def test_an_approved_tool_call_runs_with_the_input_that_was_shown(stage: Stage) -> None:
    """The person sees tool and input; approved, the tool runs with exactly that."""
    execution_id, handoff_id = begin(stage)
    case = stage.key.live(handoff_id)
    assert case["question"] == "May the agent run Post_Message?"
    offered = [action["action"] for action in stage.ada.live(handoff_id)["actions"]]
    assert "approve" in offered
    assert "modify" not in offered, "n8n runs the agent's own input, so an edit could not reach the tool"

    approved = stage.ada.decide(handoff_id)
    assert approved["output"]["parameters"] == {"text": TEXT}
    stage.ended(execution_id)
    assert stage.posted() == [TEXT]


@pytest.mark.req("R-STORE-15", "R-INT-05", "H1")
def test_a_rejected_tool_call_does_not_run(stage: Stage) -> None:
    """Rejected: the tool does not run, and the model is told who said no and why."""
    execution_id, handoff_id = begin(stage)
    stage.ada.decide(handoff_id, "reject")
    ended = stage.ended(execution_id)
    assert TOOL not in ran(ended)
    assert stage.posted() == []
    assert "Ada Approver rejected this tool call. Do not run it." in told_to_the_model(stage)


@pytest.mark.req("R-STORE-15", "R-INT-05", "H1")
def test_a_tool_call_that_nobody_decided_does_not_run(stage: Stage) -> None:
    """Expired: the tool does not run, and the model is told that this was neither a yes nor a no."""
    # Not seen while it waits: three seconds may be over before anybody looks.
    ended = stage.ended(start(stage, **SHORT_WAIT))
    assert TOOL not in ran(ended)
    assert stage.posted() == []
    assert "Nobody answered in time" in told_to_the_model(stage)


@pytest.mark.req("R-STORE-15", "R-INT-05", "H1")
def test_a_withdrawn_tool_call_does_not_run(stage: Stage) -> None:
    """Withdrawn: the tool does not run."""
    execution_id, handoff_id = begin(stage)
    assert stage.key.call("POST", f"/v1/handoffs/{handoff_id}/withdrawal", {"reason": "Solved"}).ok
    ended = stage.ended(execution_id)
    assert TOOL not in ran(ended)
    assert stage.posted() == []
    assert "withdrawn" in told_to_the_model(stage)
