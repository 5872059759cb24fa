"""Roles of agents in a template: how they are named, and which statements count."""

from __future__ import annotations

import pytest

from trees import judged

AGENT = "  Desk:\n    Type: AWS::Bedrock::Agent\n    Properties: {AgentName: desk, AgentResourceRoleArn: %s}\n"
ROLE = ("  Role:\n    Type: AWS::IAM::Role\n    Properties:\n      Policies:\n        - PolicyDocument:\n            Statement: [%s]\n")


def found(agent: str, statement: str, more: str = "") -> list[str]:
    text = "Resources:\n" + AGENT % agent + ROLE % statement + more
    return [each.rule.id for each in judged({"template.yaml": text.encode()}).findings if each.rule.id == "cloud-role-wide"]


@pytest.mark.parametrize("reference", ["!GetAtt Role.Arn", '{"Fn::GetAtt": [Role, Arn]}', '!Sub "${Role.Arn}"', "!Ref Role"])
def test_references(reference: str) -> None:
    assert found(reference, "{Effect: Allow, Action: '*', Resource: '*'}") == ["cloud-role-wide"]


@pytest.mark.parametrize("statement", [
    "{Effect: Deny, Action: '*', Resource: '*'}",
    "{Effect: Allow, Action: 's3:*', Resource: 'arn:aws:s3:::handbook/*'}",
    "{Effect: Allow, Action: 's3:GetObject', Resource: '*'}",
    "{Effect: Allow, Action: 's3:*', Resource: '*', Condition: {StringEquals: {'aws:ResourceTag/team': desk}}}",
])
def test_statements_that_do_not_count(statement: str) -> None:
    assert found("!GetAtt Role.Arn", statement) == []


def test_another_role() -> None:
    assert found("arn:aws:iam::123456789012:role/desk", "{Effect: Allow, Action: '*', Resource: '*'}") == []


def test_a_policy_beside_the_role() -> None:
    policy = ("  Policy:\n    Type: AWS::IAM::Policy\n    Properties:\n      Roles: [!Ref Role]\n      PolicyDocument:\n"
              "        Statement: {Effect: Allow, Action: ['iam:*'], Resource: '*'}\n")
    assert found("!GetAtt Role.Arn", "{Effect: Allow, Action: 's3:GetObject', Resource: '*'}", policy) == ["cloud-role-wide"]
