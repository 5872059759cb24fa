"""The starter file of AgentCore: one entry for each agent, with the role that it is deployed under.

Source: github.com/aws/bedrock-agentcore-starter-toolkit src/bedrock_agentcore_starter_toolkit/utils/runtime/schema.py.
"""

from __future__ import annotations

from overgrant.dialect import awsroles
from overgrant.dialect.facts import Maker
from overgrant.dialect.walk import Context, Reading
from overgrant.model import Agent, Setting
from overgrant.value import Document


def read(document: Document, context: Context) -> Reading:
    """The agents of the file, and what the roles allow that some template of the tree defines."""
    maker = Maker(context)
    entries = document.root.get("agents") if document.root is not None else None
    for name, entry in entries.entries.items() if entries is not None and entries.kind == "map" else ():
        agent = maker.make(Agent, entry, None, type="framework", name=name, attended=False)
        aws = entry.get("aws")
        role = aws.get("execution_role") if aws is not None else None
        if role is not None and role.kind == "str":
            awsroles.of(maker, agent, role, None)
        watched = aws.get("observability", "enabled") if aws is not None else None
        if watched is not None and watched.data is False:
            maker.make(Setting, watched, agent, name="observability", text="false", meaning="audit-off")
    return maker.reading
