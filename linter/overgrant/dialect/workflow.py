"""Dialects: GitHub workflows. Jobs and steps are a graph; each agent in it becomes a principal of its own.

A step that runs no agent gives no facts, unless it hands an agent's words to a shell or a stranger's code to
an agent. Which actions and programs are agents is data (`knowledge/actions.yaml`, `knowledge/agents-cli.yaml`).
"""

from __future__ import annotations

import re
from typing import Any

from overgrant.dialect.actions import agent_action, hands_token, model_key
from overgrant.dialect.agentstep import AgentStep, refuses
from overgrant.dialect.answers import follow, strange_outputs
from overgrant.dialect.around import Scopes, around
from overgrant.dialect.cloudagent import CLOUD_AGENT, prepare
from overgrant.dialect.facts import Maker
from overgrant.dialect.grammar import agentcli
from overgrant.dialect.grammar.expression import names, parse, spans
from overgrant.dialect.merges import merges
from overgrant.dialect.triggers import Start, checks, events, members_only, reaches, start, stranger_texts
from overgrant.dialect.walk import Context, Reading
from overgrant.model import Agent, Containment, Delegation, Flow, Setting, Unread
from overgrant.pattern import later
from overgrant.read.knowledge import load
from overgrant.value import Document, Value

_FETCHED = later(r"gh pr checkout\b[^\n]*|git fetch\b[^\n]*\bpull/[^\n]*/(?:head|merge)\b[^\n\"]*")
_ENV = later(r"\benv\.(\w+)")
# a line of a script that runs what the tree of the repository says
_BUILDS = later(
    r"(?m)(?:^[ \t]*|[;&|][ \t]*|\bthen[ \t]+)((?:npm|pnpm|yarn|bun) (?:ci|test|run [\w:-]+|(?:i|install)(?=(?: --[\w-]+)*[ \t]*(?:$|[;&|])))|"
    r"yarn(?=[ \t]*$)|make(?: \w+)?|pip install (?:-r|-e|\.)|pytest|cargo (?:build|test|run)|go (?:generate|test|run)|\./(?:gradlew|mvnw)|mvn \w+|"
    r"gradle \w+|bundle install|composer install)(?=[\s;&|]|$)")
_LOOKED_UP = later(r"\b(?:steps|needs)\.[\w.-]*head[\w-]*", re.IGNORECASE)
_VARIABLE = later(r"\$\{?(\w+)")
_PLAIN = ("conclusion", "session_id", "branch_name", "github_token", "execution_file", "codex-version", "response-file")


def read(document: Document, context: Context) -> Reading:
    """The facts of one workflow, or of one composite action."""
    maker = Maker(context)
    root = document.root
    if root is not None and root.kind == "map":
        if root.get("runs", "steps") is not None:
            Job(maker, root, "action", root.get("runs") or root).read()
        for name, job in (root.get("jobs") or root).entries.items():
            if root.get("jobs") is not None and job.kind == "map":
                Job(maker, root, name, job).read()
    return maker.reading


class Job:
    """One job: what stands around its agents."""

    def __init__(self, maker: Maker, root: Value, name: str, job: Value) -> None:
        self.maker = maker
        self.root = root
        self.name = name
        self.job = job
        self.agents: list[AgentStep] = []
        self.outputs: dict[str, AgentStep] = {}
        self.said: dict[str, set[str]] = {}
        self.strange = self._variables_of(root, job)
        self.fetched: set[str] = set()
        self.head: Value | None = None

    def read(self) -> None:
        steps = self.job.get("steps")
        called = self.job.get("uses")
        if called is not None:
            self._call(called, self.job, [])
        for number, step in enumerate(steps.items if steps is not None else []):
            if step.kind == "map":
                self._step(step, number, steps.items if steps is not None else [])
        if self.name == CLOUD_AGENT:
            prepare(self.maker, self.job)
        for each in self.agents:
            self._around(each)
        if self.agents:
            self._later_jobs()
            self._downloads(steps)
            self._beside(steps)
            merges(self.maker, self.root, self.name, self.job, self.agents)

    # --- steps ---------------------------------------------------------------------------------

    def _step(self, step: Value, number: int, steps: list[Value]) -> None:
        uses, run = step.get("uses"), step.get("run")
        before = len(self.agents)
        if uses is not None and uses.kind == "str":
            row = agent_action(uses.text)
            if row is not None:
                self._action(step, uses, row, steps[:number])
            elif uses.text.startswith("./"):
                self._call(uses, step, steps[:number])
            elif uses.text.startswith("actions/checkout"):
                self._checkout(step)
            else:
                self._foreign(uses, step)
                self._fetched(uses, step)
        elif run is not None and run.kind == "str":
            self._run(step, run, steps[:number])
            fetched = _FETCHED.search(run.text)
            self.head = run.part(fetched.start(), fetched.end()) if fetched is not None else self.head
        script, identity = run if run is not None else step.get("with", "script"), step.get("id")
        if script is not None and script.kind == "str":
            self._script(step, script, self.agents[before:])
        elif len(self.agents) > before and identity is not None:
            self.outputs[f"steps.{identity.text}.outputs."] = self.agents[-1]

    def _script(self, step: Value, script: Value, agents: list[AgentStep]) -> None:
        """What a script does with answers, and which of its outputs hold somebody else's words."""
        self._output(script, self.outputs)
        env = step.get("env")
        held = {}
        for scope in (self.job.get("env"), env):
            for name, value in scope.entries.items() if scope is not None else ():
                found = self._answered(value)
                if found is not None:
                    held[name] = found
        spoken = follow(self.maker, script, [(each.started, each) for each in agents if each.started is not None], held)
        if (identity := step.get("id")) is None:
            return
        prefix = f"steps.{identity.text}.outputs."
        if spoken.said:
            self.outputs[prefix] = agents[-1] if agents else next(iter(held.values()))
            self.said[prefix] = spoken.said
        variables = {name for name, value in env.entries.items() if stranger_texts(value.text, self.strange)} if env is not None else set()
        variables |= {name[4:] for name in self.strange if name.startswith("env.") and not (env is not None and env.get(name[4:]))}
        texts = stranger_texts(script.text, self.strange)
        for name in strange_outputs(script, variables, texts):
            self.strange[f"{prefix}{name}".lower()] = f"{prefix}{name}"

    def _answered(self, value: Value) -> AgentStep | None:
        """The agent whose answer a variable holds."""
        for _, _, inside in spans(value.text):
            node = parse(inside)
            for name in names(node) if node is not None else ():
                if (found := self._answer(name, self.outputs)) is not None:
                    return found
        return None

    def _answer(self, name: str, outputs: dict[str, AgentStep]) -> AgentStep | None:
        """The agent whose words an output holds: all of an action's but the plain ones, those of a script that take them."""
        prefix = next((each for each in outputs if name.startswith(each) or name == each.rstrip(".")), None)
        if prefix is None or name[len(prefix):] in _PLAIN:
            return None
        return outputs[prefix] if prefix not in self.said or name[len(prefix):] in self.said[prefix] else None

    def _variables_of(self, *scopes: Value) -> dict[str, str]:
        """Variables of the workflow and the job that hold a stranger's words, as expressions name them."""
        found: dict[str, str] = {}
        for scope in scopes:
            env = scope.get("env")
            for name, value in env.entries.items() if env is not None else ():
                texts = stranger_texts(value.text)
                if texts:
                    found[f"env.{name}".lower()] = texts[0][2]
        return found

    def _start(self, step: Value, before: list[Value], speaks: str = "") -> Start:
        """Who can get this step to run; with `speaks`, by an event that brings this text."""
        conditions = [value.text for value in (self.job.get("if"), step.get("if")) if value is not None]
        needed = [job for name in self._needs() if (job := self.root.get("jobs", name)) is not None]
        conditions += [value.text for job in needed if (value := job.get("if")) is not None
                       and "always()" not in "".join(conditions)]
        texts = [_script(each) for each in before]
        texts += [_script(each) for job in needed for each in (job.get("steps") or job).items]
        environment = self.job.get("environment")
        name = environment.get("name") if environment is not None and environment.kind == "map" else environment
        return start(self.root.get("on"), conditions, checked=checks(texts),
                     environment=name.text if name is not None else "", speaks=speaks)

    def _needs(self) -> list[str]:
        needs = self.job.get("needs")
        if needs is None:
            return []
        return [item.text for item in (needs.items if needs.kind == "list" else [needs])]

    def _name(self, step: Value) -> str:
        stem = self.root.source.path.rsplit("/", 1)[-1].rsplit(".", 1)[0]
        identity = step.get("id")
        inner = [self.name] + ([identity.text] if self.agents and identity is not None else [])
        return "/".join([stem, *inner]) if stem != "action" else "/".join([self.root.source.path.rsplit("/", 2)[-2], *inner])

    def _action(self, step: Value, uses: Value, row: dict[str, Any], before: list[Value]) -> None:
        given = step.get("with")
        given = given if given is not None and given.kind == "map" else None
        began = refuses(row, given, self._start(step, before))
        agent = AgentStep(self.maker, row["product"], self._name(step), uses, began, self.strange)
        self.agents.append(agent)
        agent.action(row, uses, given, step.get("env"))
        agent.scope = step
        agent.token = not row.get("fixed") and (bool(row.get("holds-token")) or hands_token(given) or hands_token(step.get("env")))
        for value in (step.get("env") or step).entries.values() if step.get("env") is not None else []:
            if value.kind == "str":
                agent.prompt(value, "the environment")

    def _run(self, step: Value, run: Value, before: list[Value]) -> None:
        if not agentcli.mentions(run.text) or self._compiled(run):
            return
        env = {name: value for scope in (self.root, self.job, step)
               for name, value in (scope.get("env") or scope).entries.items() if scope.get("env") is not None}
        plain = {name: value.text for name, value in env.items() if value.kind == "str" and "${{" not in value.text}
        shell = step.get("shell") or self.job.get("defaults", "run", "shell") or self.root.get("defaults", "run", "shell")
        # a backtick goes on in the next line there, as a backslash does elsewhere
        text = run.text.replace("`\n", "\\\n") if shell is not None and shell.text in ("pwsh", "powershell") else run.text
        for started in agentcli.find(text, plain):
            place = run.part(started.start, started.end)
            agent = AgentStep(self.maker, started.product, self._name(step), place, self._start(step, before), self.strange)
            self.agents.append(agent)
            agent.started = started
            agent.command(started, run, env)
            for name in _VARIABLE.findall(run.text[started.start:started.end]):
                if name in env and env[name].parent is not step.get("env"):
                    agent.prompt(env[name], "the environment")
            agent.scope = step
            agent.token = any(hands_token(scope.get("env")) for scope in (self.root, self.job, step))
            for value in (step.get("env") or step).entries.values() if step.get("env") is not None else []:
                if value.kind == "str":
                    agent.prompt(value, "the environment")

    def _compiled(self, run: Value) -> bool:
        """The compiler wrote this step, behind its firewall; the file that it was compiled from is judged."""
        return self.maker.context.format == "gh-aw-lock" and "awf " in run.text

    def _foreign(self, uses: Value, step: Value) -> None:
        """An action or workflow of another repository: named once, where it seems to start an agent or is given what one needs."""
        name = uses.text.strip().partition("@")[0].rstrip("/")
        short = name.partition("/.github/workflows/")[2] or name
        given = [step.get(key) for key in ("with", "secrets")]
        key = next((found for scope in given if scope is not None for value in scope.entries.values() if (found := model_key(value.text))), "")
        secrets = step.get("secrets")
        what = ("which seems to start an agent" if agentcli.mentions_by_name(short) and "setup-" not in short else
                f"which is given `{key}`" if key else
                "which is given secrets" if secrets is not None and (secrets.text == "inherit" or secrets.entries) else "")
        if what and name not in self.maker.named:
            self.maker.named.add(name)
            self.maker.make(Unread, uses, type="remote", what=f"`{uses.text}`, {what}, is another repository's")

    def _fetched(self, uses: Value, step: Value) -> None:
        """What an action hands on of an issue that it fetches is its author's words, whoever starts the run."""
        identity, known = step.get("id"), load("actions")["fetchers"]
        name = uses.text.lower().partition("@")[0].partition("/")[2]
        if identity is not None and any(each in name for each in known["actions"]):
            self.fetched |= {f"steps.{identity.text}.outputs.{output}" for output in known["outputs"]}
            self.strange.update((each.lower(), each) for each in self.fetched)

    def _call(self, uses: Value, step: Value, before: list[Value]) -> None:
        """A workflow or action of the tree: whoever starts this job starts the agents in it."""
        row = agent_action(uses.text)
        if row is not None:
            self._action(step, uses, row, before)
            return
        if not uses.text.startswith("./"):
            self._foreign(uses, step)
            return
        began = self._start(step, before)
        caller = self.maker.make(Agent, uses, name=f"{self._name(step)}/call", type="workflow", attended=False,
                                 started_by=began.who)
        if began.value is not None:
            caller.at["started_by"] = began.value
        self.maker.make(Delegation, uses, caller, to=uses.text.strip()[2:].partition("@")[0].rstrip("/"), way="call",
                        remote=False)
        given = step.get("with")
        for key, value in given.entries.items() if given is not None else ():
            if stranger_texts(value.text, self.strange):
                self.maker.make(Flow, value, caller, source=f"inputs.{key}", way="handed over", gated=began.gate)

    def _checkout(self, step: Value) -> None:
        heads = load("actions")["heads"]
        given = step.get("with")
        if given is None or given.get("path") is not None:
            return
        for name in ("ref", "repository"):
            value = given.get(name)
            if value is None:
                continue
            said = " ".join([value.text, *(held.text for key in _ENV.findall(value.text) for scope in (step, self.job, self.root)
                                           if (held := scope.get("env", key)) is not None)])
            if any(head in said for head in heads) or _LOOKED_UP.search(said):
                self.head = value

    # --- around an agent -----------------------------------------------------------------------

    def _around(self, step: AgentStep) -> None:
        agent = step.agent
        around(self.maker, Scopes(self.root, self.job), step)
        if step.start.who == "anyone" and step.start.value is not None:
            self.maker.make(Flow, step.start.value, agent, source=f"`{step.start.event}`", way="trigger",
                            suggestion=members_only(step.start.event))
        if self.head is not None and set(events(self.root.get("on"))) & {"pull_request_target", "workflow_run", "issue_comment"}:
            self.maker.make(Flow, self.head, agent, source="the code of a pull request", way="checkout",
                            gated=step.start.gate, sink=self._built())
        if self.job.get("container") is not None:
            self.maker.make(Containment, self.job.get("container"), agent, type="container")

    def _built(self) -> str:
        """The step of the job that runs what the checked-out tree says, as a phrase."""
        steps = self.job.get("steps")
        for step in steps.items if steps is not None else []:
            run = step.get("run") if step.kind == "map" else None
            found = _BUILDS.search(run.text) if run is not None and run.kind == "str" else None
            if found is not None:
                return f"a step beside it that runs that code (`{found.group(1)}`)"
        return ""

    def _downloads(self, steps: Value | None) -> None:
        """Steps beside an agent that run what they have just downloaded, or hold a credential."""
        from overgrant.dialect.grammar.download import downloads_and_runs

        for step in steps.items if steps is not None else []:
            run = step.get("run") if step.kind == "map" else None
            if run is None or run.kind != "str":
                continue
            self.agents[0].credentials(run)
            for found in downloads_and_runs(run.text)[:5]:
                self.maker.make(Setting, run.part(found.start, found.end), self.agents[0].agent, name="run", meaning="step-downloads")

    def _beside(self, steps: Value | None) -> None:
        """Scripts of the job that a stranger's words are written into: they run with what the agent is given."""
        begun = [(id(each.scope), each.started.start, each.started.end) for each in self.agents if each.started is not None]
        for number, step in enumerate(steps.items if steps is not None else []):
            script = step.get("run") or step.get("with", "script") if step.kind == "map" else None
            if script is None or script.kind != "str" or "${{" not in script.text:
                continue
            for start_at, end, name in stranger_texts(script.text, self.strange):
                if any(scope == id(step) and start <= start_at < stop for scope, start, stop in begun):
                    continue  # said of the agent's own command
                began = self._start(step, steps.items[:number] if steps is not None else [], speaks=name)
                if reaches(began) or name in self.fetched:
                    self.maker.make(Flow, script.part(start_at, end), self.agents[0].agent, source=name, way="the script",
                                    sink="a script that runs in the job of")

    # --- what an agent says --------------------------------------------------------------------

    def _output(self, script: Value, outputs: dict[str, AgentStep]) -> None:
        for begin, end, inside in spans(script.text):
            node = parse(inside)
            for name in names(node) if node is not None and not inside.lower().startswith("tojson") else ():
                if (agent := self._answer(name, outputs)) is not None:
                    self.maker.make(Flow, script.part(begin, end), agent.agent, source=name, way="output",
                                    sink="a shell" if script.key == "run" else "a script")

    def _later_jobs(self) -> None:
        """Outputs of this job that are an agent's words, in the scripts of jobs that need it."""
        outputs = self.job.get("outputs")
        carried = {f"needs.{self.name}.outputs.{name}": agent for name, value in (outputs.entries.items() if outputs is not None else ())
                   if (agent := self._answered(value)) is not None}
        jobs = self.root.get("jobs")
        for other in jobs.entries.values() if jobs is not None and carried else ():
            for step in (other.get("steps") or other).items:
                script = step.get("run") or step.get("with", "script")
                if script is not None and script.kind == "str":
                    self._output(script, carried)
                    held = {name: agent for scope in (other.get("env"), step.get("env")) if scope is not None
                            for name, value in scope.entries.items() for key, agent in carried.items() if key in value.text}
                    if held:
                        follow(self.maker, script, [], held)


def _script(step: Value) -> str:
    """The texts of a step that may look up somebody's rights."""
    parts = [step.get("run"), step.get("uses"), step.get("with", "script"), step.get("with", "require"), step.get("if")]
    return "\n".join(value.text for value in parts if value is not None)
