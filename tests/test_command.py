"""What patterns over commands let through: a table of decisions, and the shape of the data behind them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overgrant.dialect.grammar import heads
from overgrant.dialect.grammar.command import EFFECTS, RUNS, CommandPower, load, power_of
from overgrant.dialect.grammar.pin import READERS

# A pattern (`*` at its end: open), what it runs, its effects.
TABLE = [
    ("git *", "launcher", "writes-files destroys publishes network"),
    ("git status *", "fixed", "reads-files"),
    ("git diff *", "fixed", "reads-files writes-files"),
    ("git log *", "fixed", "reads-files writes-files"),
    ("git push *", "fixed", "destroys publishes network"),
    ("git push origin main", "fixed", "publishes network"),
    ("git push --force origin main", "fixed", "destroys publishes network"),
    ("git commit *", "fixed", "writes-files skips-verification"),
    ("git commit -m x", "fixed", "writes-files"),
    ("git st*", "fixed", "reads-files writes-files destroys"),
    ("npm *", "launcher", "writes-files destroys publishes releases installs network secrets"),
    ("npm run *", "launcher", ""),
    ("npm run test", "workspace-code", ""),
    ("npm run test:*", "workspace-code", ""),
    ("npm run test *", "workspace-code", ""),
    ("npm install *", "package-runner", "installs network"),
    ("npm install", "workspace-code", "installs network"),
    ("npm ci", "workspace-code", "installs network"),
    ("npm test *", "workspace-code", ""),
    ("node *", "interpreter", ""),
    ("node", "interpreter", ""),
    ("node x.js *", "workspace-code", ""),
    ("python *", "interpreter", ""),
    ("python3*", "interpreter", ""),
    ("python3 *", "interpreter", ""),
    ("ruby *", "interpreter", ""),
    ("perl *", "interpreter", ""),
    ("deno run *", "interpreter", ""),
    ("bun *", "interpreter", "writes-files publishes releases installs network"),
    ("bun run *", "interpreter", ""),
    ("bun test *", "workspace-code", ""),
    ("python scripts/x.py *", "workspace-code", ""),
    ("python -m pytest *", "workspace-code", ""),
    ("python -m pip install *", "package-runner", "installs network"),
    ("python -m *", "interpreter", ""),
    ("python -c *", "interpreter", ""),
    ("python -*", "interpreter", ""),
    ("python -c 'print(1)'", "fixed", ""),
    ("python -c ' *", "interpreter", ""),
    ('python3 -c " *', "interpreter", ""),
    ('python3 -c "import json; *', "interpreter", ""),
    ("node -e '*", "interpreter", ""),
    ("bash -c 'make lint && *", "shell", ""),
    ('git commit -m "fix: *', "fixed", "writes-files skips-verification"),
    ("pytest *", "workspace-code", ""),
    ("cargo test *", "workspace-code", ""),
    ("go test *", "workspace-code", ""),
    ("make test", "workspace-code", ""),
    ("make *", "launcher", ""),
    ("just *", "launcher", ""),
    ("task *", "launcher", ""),
    ("jest *", "workspace-code", ""),
    ("tsc *", "workspace-code", ""),
    ("eslint *", "workspace-code", ""),
    ("ruff *", "fixed", "writes-files"),
    ("mypy *", "workspace-code", ""),
    ("cargo *", "launcher", "publishes installs network"),
    ("go *", "launcher", "installs network"),
    ("go build *", "workspace-code", "writes-files"),
    ("npx *", "package-runner", "installs network"),
    ("bunx *", "package-runner", "installs network"),
    ("uvx *", "package-runner", "installs network"),
    ("pnpm dlx *", "package-runner", "installs network"),
    ("pipx run *", "package-runner", "installs network"),
    ("npx jest *", "workspace-code", ""),
    ("npx eslint *", "workspace-code", ""),
    ("npx tsc *", "workspace-code", ""),
    ("npx -y *", "package-runner", "installs network"),
    ("npx -y cowsay *", "workspace-code", "installs network"),
    ("npx ts-node *", "interpreter", ""),
    ("uv *", "launcher", "installs network"),
    ("uv run *", "interpreter", ""),
    ("uv run pytest *", "workspace-code", ""),
    ("uv run x.py *", "workspace-code", ""),
    ("uv pip install *", "package-runner", "installs network"),
    ("poetry run *", "launcher", ""),
    ("poetry run pytest *", "workspace-code", ""),
    ("pdm run *", "launcher", ""),
    ("hatch run *", "launcher", ""),
    ("pipenv run *", "launcher", ""),
    ("conda run *", "launcher", ""),
    ("bundle exec *", "launcher", ""),
    ("mise exec *", "launcher", ""),
    ("devbox run *", "launcher", ""),
    ("nix run *", "package-runner", "installs"),
    ("docker *", "launcher", "network roots"),
    ("docker run *", "launcher", "network roots"),
    ("docker run --rm img *", "fixed", "network"),
    ("docker run --privileged img *", "launcher", "network roots"),
    ("docker exec *", "launcher", ""),
    ("docker exec c *", "launcher", ""),
    ("docker compose *", "launcher", "network roots"),
    ("docker compose up *", "workspace-code", "network"),
    ("docker ps *", "fixed", "reads-files"),
    ("docker image *", "workspace-code", "reads-files writes-files deletes-files publishes installs network"),
    ("docker image ls *", "fixed", "reads-files"),
    ("docker image save *", "fixed", "writes-files"),
    ("hg status", "fixed", "reads-files"),
    ("hg log *", "launcher", "reads-files"),
    ("jj diff *", "launcher", "reads-files"),
    ("svn diff *", "launcher", "reads-files network"),
    ("svn status *", "fixed", "reads-files"),
    ("gh codespace logs *", "fixed", "network"),
    ("gh codespace ssh *", "launcher", "network cloud"),
    ("kubectl *", "launcher", "destroys deploys network secrets cloud"),
    ("kubectl exec *", "launcher", "cloud"),
    ("kubectl get *", "fixed", "secrets cloud"),
    ("ssh *", "launcher", "network tunnels"),
    ("ssh host *", "launcher", "network"),
    ("ssh host ls", "fixed", "network"),
    ("scp *", "launcher", "writes-files network sends"),
    ("rsync *", "launcher", "writes-files deletes-files network sends"),
    ("curl *", "fixed", "writes-files network sends"),
    ("curl https://x.example/*", "fixed", "writes-files network sends"),
    ("wget *", "fixed", "writes-files network sends"),
    ("find *", "launcher", "reads-files deletes-files destroys"),
    ("find . -name x", "fixed", "reads-files"),
    ("xargs *", "launcher", ""),
    ("env *", "launcher", ""),
    ("timeout *", "launcher", ""),
    ("timeout 5 git status", "fixed", "reads-files"),
    ("watch *", "launcher", ""),
    ("sudo *", "shell", "roots"),
    ("sudo git push *", "fixed", "destroys publishes network roots"),
    ("su *", "shell", "roots"),
    ("eval *", "shell", ""),
    ("source *", "shell", ""),
    ("awk *", "interpreter", "reads-files writes-files"),
    ("sed *", "interpreter", "reads-files writes-files"),
    ("sed -n *", "interpreter", "reads-files writes-files"),
    ("sed -i *", "interpreter", "reads-files writes-files"),
    ("tar *", "launcher", "reads-files writes-files"),
    ("vim *", "interpreter", "writes-files"),
    ("less *", "launcher", "reads-files"),
    ("man *", "launcher", "reads-files"),
    ("tee *", "fixed", "writes-files"),
    ("cp *", "fixed", "writes-files"),
    ("mv *", "fixed", "writes-files deletes-files"),
    ("rm *", "fixed", "deletes-files destroys"),
    ("rm -rf *", "fixed", "deletes-files destroys"),
    ("rm -rf dist", "fixed", "deletes-files"),
    ("rm -rf dist/ build", "fixed", "deletes-files"),
    ("rm -rf /", "fixed", "deletes-files destroys"),
    ("rm x", "fixed", "deletes-files"),
    ("dd *", "fixed", "writes-files destroys"),
    ("gh *", "launcher", "destroys publishes deploys network changes-permissions secrets"),
    ("gh api *", "fixed", "destroys publishes network changes-permissions secrets"),
    ("gh pr *", "fixed", "publishes network"),
    ("gh pr view *", "fixed", "network"),
    ("gh pr create *", "fixed", "publishes network"),
    ("gh issue *", "fixed", "publishes network"),
    ("gh repo delete *", "fixed", "destroys network"),
    ("aws *", "fixed", "destroys deploys network changes-permissions secrets cloud"),
    ("aws s3 ls *", "fixed", "cloud"),
    ("gcloud *", "launcher", "destroys deploys network changes-permissions secrets cloud"),
    ("az *", "launcher", "destroys deploys network changes-permissions secrets cloud"),
    ("terraform *", "workspace-code", "destroys deploys cloud"),
    ("terraform apply *", "workspace-code", "destroys deploys cloud"),
    ("terraform plan *", "workspace-code", "network cloud"),
    ("terraform destroy", "workspace-code", "destroys cloud"),
    ("helm *", "launcher", "destroys deploys installs cloud"),
    ("psql *", "interpreter", "destroys network database-write"),
    ("mysql *", "interpreter", "destroys network database-write"),
    ("sqlite3 *", "interpreter", "reads-files database-write"),
    ("redis-cli *", "fixed", "destroys network database-write"),
    ("osascript *", "interpreter", ""),
    ("open *", "launcher", "network browser"),
    ("powershell *", "shell", ""),
    ("Invoke-Expression *", "shell", ""),
    ("Start-Process *", "launcher", ""),
    ("crontab *", "launcher", "persists"),
    ("crontab -l", "fixed", ""),
    ("systemctl *", "fixed", "persists roots"),
    ("systemctl status *", "fixed", ""),
    ("nohup *", "launcher", "persists"),
    ("at *", "launcher", "persists"),
    ("tmux *", "launcher", "persists"),
    ("ngrok *", "fixed", "network tunnels"),
    ("socat *", "launcher", "network tunnels sends"),
    ("nc *", "launcher", "network tunnels sends"),
    ("claude *", "launcher", "installs network starts-agent changes-permissions"),
    ("claude --version", "fixed", ""),
    ("codex *", "launcher", "installs network starts-agent changes-permissions"),
    ("gemini *", "launcher", "installs network starts-agent changes-permissions"),
    ("echo *", "fixed", ""),
    ("ls *", "fixed", "reads-files"),
    ("cat *", "fixed", "reads-files"),
    ("grep *", "fixed", "reads-files"),
    ("rg *", "launcher", "reads-files"),
    ("jq *", "fixed", "reads-files"),
    ("sort *", "launcher", "reads-files writes-files"),
    ("head *", "fixed", "reads-files"),
    ("which *", "fixed", ""),
    ("pwd", "fixed", ""),
    ("date *", "fixed", ""),
    ("mkdir *", "fixed", "writes-files"),
    ("frobnicate *", "none", ""),
    ("./scripts/x.sh *", "workspace-code", ""),
    ("scripts/*", "workspace-code", ""),
    ("./*", "workspace-code", ""),
    ("/usr/bin/git status", "fixed", "reads-files"),
    ("/usr/bin/*", "shell", ""),
    ("*", "shell", ""),
    ('bash -c "git push"', "fixed", "publishes network"),
    ("bash -c *", "shell", ""),
    ("bash *", "shell", ""),
    ("bash", "shell", ""),
    ("sh x.sh *", "workspace-code", ""),
    ("curl https://x | sh", "shell", "network"),
    ("A=1 git push *", "fixed", "destroys publishes network"),
    ("A=*", "shell", ""),
    ("$X *", "shell", ""),
    ("node_modules/.bin/jest *", "workspace-code", ""),
    ("./gradlew *", "launcher", "installs network"),
    ("export *", "fixed", ""),
    ("printenv", "fixed", "secrets"),
    ("env", "fixed", "secrets"),
    ("git config *", "launcher", "writes-files"),
    ("git config --get *", "fixed", "reads-files"),
    ("git reset --hard", "fixed", "writes-files destroys"),
    ("git -c *", "launcher", "writes-files destroys publishes network"),
    ("git clean -fd", "fixed", "deletes-files destroys"),
    ("uv sync *", "workspace-code", "installs network"),
    ("npm publish", "workspace-code", "publishes releases"),
    ("docker compose -f x.yml run *", "launcher", "roots"),
    ("yarn *", "interpreter", "writes-files publishes releases installs network"),
    ("yarn build", "workspace-code", ""),
    ("pnpm *", "launcher", "writes-files publishes releases installs network"),
    ("pnpm install", "workspace-code", "installs network"),
    ("pnpm test *", "workspace-code", ""),
    ("deno *", "interpreter", "writes-files publishes releases installs network"),
    ("find . -name *", "launcher", "reads-files deletes-files destroys"),
    ("xargs rm *", "fixed", "deletes-files destroys"),
    ("git stash *", "fixed", "reads-files writes-files destroys"),
    ("git branch *", "fixed", "reads-files writes-files destroys"),
    ("git checkout *", "fixed", "writes-files destroys"),
    ("cmd /c *", "shell", ""),
    ("pip install *", "package-runner", "installs network"),
    ("pip list *", "fixed", ""),
    ("brew install *", "package-runner", "installs network"),
    ("brew *", "package-runner", "installs network roots"),
    ("go run *", "package-runner", "installs network"),
    ("go run ./cmd/x *", "workspace-code", ""),
    ("go run h/x@latest", "workspace-code", "installs network"),
    ("cargo run *", "workspace-code", ""),
    ("tail -f *", "fixed", "reads-files"),
    ("git", "fixed", ""),
    ("git add *", "fixed", "writes-files"),
    ("git fetch *", "launcher", "writes-files network"),
    ("git pull", "fixed", "writes-files network"),
    ("git clone *", "launcher", "writes-files network"),
    ("git rebase *", "launcher", "writes-files"),
    ("git grep *", "launcher", "reads-files"),
    ("git stash list", "fixed", "reads-files"),
    ("git worktree list", "fixed", ""),
    ("git remote -v", "fixed", ""),
    ("git config --list", "fixed", "reads-files"),
    ("git push --force*", "fixed", "destroys publishes network"),
    ("git checkout main", "fixed", "writes-files"),
    ("git tag *", "fixed", "reads-files writes-files destroys"),
    ("npm view *", "fixed", "network"),
    ("npm publish *", "workspace-code", "publishes releases"),
    ("npm exec *", "package-runner", "installs network"),
    ("npm exec -- jest *", "workspace-code", ""),
    ("npm audit *", "package-runner", "installs network"),
    ("npm run build:* ", "workspace-code", ""),
    ("yarn add *", "package-runner", "installs network"),
    ("yarn dlx *", "package-runner", "installs network"),
    ("yarn run *", "launcher", ""),
    ("yarn test *", "workspace-code", ""),
    ("pnpm exec *", "launcher", ""),
    ("pnpm run *", "launcher", ""),
    ("pnpm add *", "package-runner", "installs network"),
    ("bun install", "workspace-code", "installs network"),
    ("bun x *", "package-runner", "installs network"),
    ("bun add *", "package-runner", "installs network"),
    ("tsx *", "interpreter", ""),
    ("ts-node scripts/x.ts", "workspace-code", ""),
    ("php -l *", "fixed", ""),
    ("php *", "interpreter", ""),
    ("lua *", "interpreter", ""),
    ("java *", "interpreter", ""),
    ("java -jar x.jar *", "workspace-code", ""),
    ("irb", "interpreter", ""),
    ("python3.12 *", "interpreter", ""),
    ("python -m http.server *", "fixed", "reads-files network"),
    ("python manage.py *", "workspace-code", ""),
    ("pip install -r requirements.txt", "workspace-code", "installs network"),
    ("pip freeze", "fixed", ""),
    ("pipx install *", "package-runner", "installs network"),
    ("uv add *", "package-runner", "installs network"),
    ("uv lock", "fixed", "network"),
    ("uv tool install *", "package-runner", "installs network"),
    ("uvx ruff *", "workspace-code", "writes-files"),
    ("uvx --from x y", "workspace-code", "installs network"),
    ("poetry install", "workspace-code", "installs network"),
    ("poetry add *", "package-runner", "installs network"),
    ("tox *", "workspace-code", "installs network"),
    ("black *", "fixed", "writes-files"),
    ("flake8 *", "workspace-code", ""),
    ("prettier *", "workspace-code", "writes-files"),
    ("vite *", "workspace-code", ""),
    ("next build", "workspace-code", ""),
    ("prisma *", "workspace-code", "writes-files destroys network database-write"),
    ("prisma migrate reset", "fixed", "destroys database-write"),
    ("make", "workspace-code", ""),
    ("make build *", "workspace-code", ""),
    ("gradle *", "launcher", "installs network"),
    ("mvn test", "workspace-code", "installs network"),
    ("cargo build", "workspace-code", ""),
    ("cargo install *", "package-runner", "installs network"),
    ("cargo publish", "workspace-code", "publishes releases"),
    ("cargo clippy *", "workspace-code", ""),
    ("go mod tidy", "fixed", "writes-files network"),
    ("go generate *", "workspace-code", ""),
    ("go install *", "package-runner", "installs network"),
    ("go env *", "fixed", "persists changes-permissions"),
    ("dotnet test *", "workspace-code", "writes-files"),
    ("dotnet run *", "launcher", ""),
    ("bundle install", "workspace-code", "installs network"),
    ("gem install *", "package-runner", "installs network"),
    ("rails *", "workspace-code", ""),
    ("composer *", "launcher", "installs network"),
    ("apt-get install *", "package-runner", "installs network"),
    ("apt list *", "fixed", ""),
    ("docker build *", "workspace-code", "network"),
    ("docker logs *", "fixed", "reads-files"),
    ("docker pull *", "fixed", "installs network"),
    ("docker rm *", "fixed", "deletes-files"),
    ("docker system prune *", "fixed", "destroys"),
    ("docker volume rm *", "fixed", "destroys"),
    ("docker compose ps", "fixed", "reads-files"),
    ("docker compose exec app *", "launcher", ""),
    ("docker compose run *", "launcher", "roots"),
    ("podman run *", "launcher", "network roots"),
    ("kubectl apply *", "fixed", "deploys cloud"),
    ("kubectl delete *", "fixed", "destroys cloud"),
    ("kubectl logs *", "fixed", "cloud"),
    ("kubectl port-forward *", "fixed", "tunnels cloud"),
    ("helm list", "fixed", "cloud"),
    ("helm upgrade *", "fixed", "deploys cloud"),
    ("terraform validate", "workspace-code", "network cloud"),
    ("terraform init", "workspace-code", "installs network"),
    ("pulumi up", "workspace-code", "deploys cloud"),
    ("ansible-playbook *", "launcher", "deploys network"),
    ("aws sts get-caller-identity", "fixed", "cloud"),
    ("aws s3 cp *", "fixed", "writes-files cloud sends"),
    ("aws secretsmanager *", "fixed", "secrets cloud"),
    ("gcloud auth *", "fixed", "secrets"),
    ("az login", "fixed", "network cloud"),
    ("gh run view *", "fixed", "network"),
    ("gh workflow run *", "fixed", "deploys network"),
    ("gh secret set *", "fixed", "network changes-permissions"),
    ("gh alias *", "launcher", "changes-permissions"),
    ("gh extension *", "package-runner", "installs network"),
    ("gh auth token", "fixed", "secrets"),
    ("gh pr merge *", "fixed", "publishes network skips-verification"),
    ("gh issue list *", "fixed", "network"),
    ("gh release create *", "fixed", "publishes network"),
    ("glab mr view *", "fixed", "network"),
    ("curl -o x https://x.example", "fixed", "writes-files network"),
    ("wget https://x.example", "fixed", "writes-files network"),
    ("cloudflared *", "fixed", "network tunnels"),
    ("mysql -e *", "interpreter", "destroys network database-write"),
    ("pg_dump *", "fixed", "writes-files network"),
    ("redis-cli GET x", "fixed", "network database-write"),
    ("opencode *", "launcher", "network starts-agent"),
    ("cursor-agent *", "launcher", "installs network starts-agent changes-permissions"),
    ("aider *", "launcher", "network starts-agent"),
    ("copilot *", "launcher", "installs network starts-agent changes-permissions"),
    ("tail *", "fixed", "reads-files"),
    ("fd *", "launcher", "reads-files"),
    ("xxd *", "fixed", "reads-files"),
    ("tar czf x.tgz *", "launcher", "reads-files writes-files"),
    ("unzip *", "fixed", "writes-files"),
    ("chmod *", "fixed", "writes-files"),
    ("chmod +x x.sh", "fixed", "writes-files"),
    ("chown *", "fixed", "writes-files"),
    ("ln *", "fixed", "writes-files"),
    ("touch *", "fixed", "writes-files"),
    ("rmdir *", "fixed", "deletes-files"),
    ("rm *.log", "fixed", "deletes-files"),
    ("rm -r node_modules", "fixed", "deletes-files"),
    ("rm -rf dist *", "fixed", "deletes-files destroys"),
    ("rm -rf dist/*", "fixed", "deletes-files destroys"),
    ("rm -rf ./build", "fixed", "deletes-files"),
    ("rm -rf src", "fixed", "deletes-files"),
    ("rm -rf src/*", "fixed", "deletes-files destroys"),
    ("rm -rf .git", "fixed", "deletes-files destroys"),
    # what a launcher's subcommand does alone
    ("xcrun simctl boot *", "fixed", ""),
    ("xcrun simctl spawn booted *", "launcher", ""),
    ("xcrun *", "launcher", ""),
    ("adb devices*", "fixed", ""),
    ("adb shell *", "launcher", ""),
    ("adb shell getprop *", "fixed", ""),
    ("adb push *", "fixed", "writes-files"),
    ("corepack pnpm typecheck *", "workspace-code", ""),
    ("corepack enable", "fixed", "writes-files"),
    ("gemini mcp remove --help *", "fixed", ""),
    ("claude mcp list", "fixed", ""),
    ("claude mcp *", "launcher", "installs starts-agent changes-permissions"),
    ("wmic process where ProcessId=1 get Name", "fixed", ""),
    ("wmic process *", "launcher", ""),
    ("schtasks /query *", "fixed", ""),
    ("schtasks *", "launcher", "persists"),
    ("tmux capture-pane *", "fixed", ""),
    ("tmux send-keys *", "launcher", ""),
    ("dotnet ef database update", "fixed", ""),
    ("dotnet ef *", "workspace-code", "destroys"),
    ("code .", "fixed", "writes-files"),
    ("ansible-playbook site.yml", "workspace-code", "deploys network"),
    ("torchrun --nproc_per_node 8 train.py", "workspace-code", ""),
    # programs by their paths on Windows
    ("C:/venvs/x/Scripts/python.exe *", "interpreter", ""),
    ("C:\\venvs\\x\\Scripts\\python.exe *", "interpreter", ""),
    ("rm -rf ../dist", "fixed", "deletes-files destroys"),
    ("dd if=/dev/zero *", "fixed", "writes-files destroys"),
    ("code *", "launcher", "writes-files"),
    ("pbcopy", "fixed", "clipboard"),
    ("osascript -e *", "interpreter", ""),
    ("launchctl *", "launcher", "persists"),
    ("screen *", "launcher", "persists"),
    ("nohup npm start", "workspace-code", "persists"),
    ("timeout 60 npm test *", "workspace-code", ""),
    ("time cargo test", "workspace-code", ""),
    ("FOO=bar pytest *", "workspace-code", ""),
    ("env FOO=bar node *", "interpreter", ""),
    ("sudo apt-get install *", "package-runner", "installs network roots"),
    ("command -v *", "fixed", ""),
    ("nice -n 5 make test", "workspace-code", ""),
    ("bash -lc *", "shell", ""),
    ("bash scripts/x.sh *", "workspace-code", ""),
    ('sh -c "npm test"', "workspace-code", ""),
    ("zsh *", "shell", ""),
    ("pwsh -File x.ps1", "workspace-code", ""),
    ("powershell -Command *", "shell", ""),
    ("Remove-Item *", "fixed", "deletes-files destroys"),
    ("Get-Content *", "fixed", "reads-files"),
    ("awk '{print $1}' *", "fixed", "reads-files"),
    ("sed -i s/a/b/ *", "fixed", "reads-files writes-files"),
    ("sed -n 1,5p x", "fixed", "reads-files"),
    ("jq . *", "fixed", "reads-files"),
    ("vim x", "interpreter", "writes-files"),
    ("bats *", "workspace-code", ""),
    ("gt submit *", "fixed", "writes-files destroys publishes network"),
    ("mcp run server.py *", "workspace-code", ""),
    ("uv run --script x *", "workspace-code", ""),
    ("uv run --with y -s *", "interpreter", "installs"),
    ("kill *", "fixed", ""),
    ("open https://x.example", "fixed", "network browser"),
    ("security *", "fixed", "secrets"),
    ("node --test *", "workspace-code", ""),
    ("node -e *", "interpreter", ""),
    ("deno test *", "workspace-code", ""),
    ("deno task *", "launcher", ""),
    ("deno fmt", "fixed", "writes-files"),
    ("npx", "workspace-code", ""),
    ("npx --no-install jest *", "workspace-code", ""),
    ("npx @scope/tool *", "workspace-code", "installs network"),
    ("npx playwright test *", "workspace-code", ""),
    ("npx prisma generate", "workspace-code", "writes-files"),
    ("npx tsx *", "interpreter", ""),
    ("npx foo@1.2.3 *", "workspace-code", "installs network"),
    ("bunx tsc", "workspace-code", ""),
    ("mise run test", "workspace-code", ""),
    ("mise install", "workspace-code", "installs network"),
    ("direnv allow", "workspace-code", "changes-permissions"),
    ("nix build", "workspace-code", ""),
    ("git commit * && git push", "fixed", "writes-files publishes network"),
    ("npm test && npm run lint", "workspace-code", ""),
    ("cat x | sh", "shell", "reads-files"),
    ("echo x > f", "fixed", "writes-files"),
    ("cd x && npm test *", "workspace-code", ""),
    ("watch npm test", "workspace-code", ""),
    ("xargs grep *", "fixed", "reads-files"),
    ("find . -type f -exec rm {} +", "fixed", "reads-files deletes-files"),
    ("find . -delete", "fixed", "reads-files deletes-files destroys"),
    ("scripts/run.py", "workspace-code", ""),
    ("./manage.py *", "workspace-code", ""),
    ("/opt/x/y *", "none", ""),
    ("~/bin/x *", "none", ""),
    ('"$CLAUDE_PROJECT_DIR"/scripts/x.sh *', "workspace-code", ""),
]


def judged(pattern: str, **options: Any) -> CommandPower:
    return power_of(pattern.removesuffix("*"), pattern.endswith("*"), **options)


@pytest.mark.parametrize(("pattern", "runs", "effects"), TABLE)
def test_a_pattern(pattern: str, runs: str, effects: str) -> None:
    power = judged(pattern)
    assert (power.runs, " ".join(power.effects)) == (runs, effects)


@pytest.mark.parametrize(("pattern", "runs", "effects"), TABLE)
def test_a_witness_is_let_through_and_shows_the_power(pattern: str, runs: str, effects: str) -> None:
    power = judged(pattern)
    if power.witness is None:
        return
    assert power.witness.startswith(pattern.removesuffix("*"))
    shown = power_of(power.witness, False)
    assert shown.runs != "none"
    assert set(shown.effects) - set(power.effects) <= {"reads-files", "writes-files", "network", "installs"}


@pytest.mark.parametrize(
    ("pattern", "witness"),
    [
        ("git *", "git -c core.sshCommand='sh -c id' fetch ssh://x/y"),
        ("python3*", "python3 -c 'import os; os.system(\"id\")'"),
        ("python -c *", "python -c 'import os; os.system(\"id\")'"),
        ("python -*", "python -c 'import os; os.system(\"id\")'"),
        ("python -m *", "python -m timeit -s 'import os; os.system(\"id\")'"),
        ("bash -c *", "bash -c id"),
        ("npx -y *", "npx -y any-package"),
        ("uv run *", "uv run python -c 'import os; os.system(\"id\")'"),
        ("sudo timeout 5 ruby *", "sudo timeout 5 ruby -e 'system(\"id\")'"),
        ("git push *", "git push --force"),
        ("git pu*", "git pull --upload-pack='sh -c id' ."),
        ("docker exec c *", "docker exec c sh -c id"),
        ("rm -rf *", "rm -rf ~"),
        ("npm run test *", None),
        ("git push", None),
    ],
)
def test_witnesses(pattern: str, witness: str | None) -> None:
    assert judged(pattern).witness == witness


@pytest.mark.parametrize(
    ("pattern", "head", "subcommand"),
    [
        ("git push *", "git", "push"),
        ("sudo -u x git push *", "git", "push"),
        ("/usr/bin/git push *", "git", "push"),
        ("docker compose run *", "docker", "compose run"),
        ("C:/x/NPX.CMD *", "npx", ""),
        ("python3.12 *", "python3.12", ""),
        ("timeout *", "timeout", ""),
    ],
)
def test_names(pattern: str, head: str, subcommand: str) -> None:
    power = judged(pattern)
    assert (power.head, power.subcommand) == (head, subcommand)


@pytest.mark.parametrize(
    ("pattern", "via"),
    [
        ("rg *", "option"),
        ("sort *", "option"),
        ("git fetch *", "option"),
        ("python *", "argument"),
        ("npm *", "subcommand"),
        ("g*", "argument"),
        ("ls *", ""),
    ],
)
def test_how_the_power_comes_in(pattern: str, via: str) -> None:
    assert judged(pattern).via == via


def test_an_open_head_is_any_command() -> None:
    assert power_of("--version", False, open_head=True).runs == "shell"
    assert power_of("", True).runs == "shell"
    assert power_of("   ", True).runs == "shell"
    assert power_of("", False).runs == "fixed"


def test_what_a_product_never_covers_is_left_out() -> None:
    assert judged("find *").excludable == "find-exec"
    power = judged("find *", excluded={"find-exec"})
    assert (power.runs, power.effects, power.witness) == ("fixed", ("reads-files",), None)
    assert judged("find . -exec rm *", excluded={"find-exec"}).runs == "fixed"
    assert judged("find . -fprint x", excluded={"find-exec"}).effects == ("reads-files", "writes-files")


def test_a_build_directory_may_go_only_as_a_whole_command() -> None:
    assert "destroys" not in power_of("rm -rf dist", False).effects
    assert "destroys" in power_of("rm -rf dist", True).effects
    assert "destroys" in power_of("rm -rf dist ~", False).effects
    assert "destroys" in power_of("rm -rf dist/..", False).effects


@pytest.mark.parametrize("literal", ["bash -c 'x", 'git commit -m "', "a && && b", "$(x", "x | ", "--", "-"])
def test_broken_literals_are_judged(literal: str) -> None:
    assert power_of(literal, True).runs in RUNS


_PIECES = """
git npm run -c -m docker exec sudo env A=b timeout 5 -- - x.py ' " $x | && > find ; python*
"""
_TEXT = st.lists(
    st.sampled_from(_PIECES.split()),
    max_size=7,
).map(" ".join)


@settings(deadline=None, max_examples=150)
@given(_TEXT, st.sampled_from(["", " ", "x"]), st.booleans())
def test_any_literal_is_judged(text: str, end: str, opened: bool) -> None:
    power = power_of(text + end, opened)
    assert power.runs in RUNS
    assert set(power.effects) <= set(EFFECTS)
    if power.witness is not None and power.via != "head":
        assert power.witness.startswith((text + end).rstrip())


@settings(deadline=None, max_examples=100)
@given(st.sampled_from([pattern.removesuffix("*") for pattern, _, _ in TABLE]))
def test_an_open_tail_never_gives_less(literal: str) -> None:
    if literal.endswith(" "):
        closed, opened = power_of(literal.strip(), False), power_of(literal, True)
        plain = {"--version", "--list", "--get", "-l", "-v", "--test"}
        if not plain & set(literal.split()) and literal.strip() not in ("env", "yarn"):
            assert set(closed.effects) <= set(opened.effects)
            assert RUNS.index(closed.runs) <= RUNS.index(opened.runs)


# --- the data -------------------------------------------------------------------------------------------------------

KEYS = {
    "kind", "then", "values", "version", "flags", "package", "with", "code", "module", "module-witness", "code-letter", "stdin",
    "script-options", "exec", "local", "arguments", "wrapper", "assignments", "sub", "like", "runs", "effects", "open",
    "tail", "bare", "given", "options", "excludable", "targets", "note", "source", "checked", "ecosystem", "files",
    "script-flags",
    "remote", "slash", "long", "fold", "task",
}  # fmt: skip
ADDS = {"runs", "effects", "witness", "excludable", "via", "note", "only"}
KINDS = {"package-runner", "container", "interpreter", "shell", "script-runner", "launcher", "program"}
THEN = {"package", "command", "line", "script", "task", "image", "code", "tools"}


def nodes() -> list[tuple[str, dict[str, Any]]]:
    found: list[tuple[str, dict[str, Any]]] = []
    todo = [(name, node) for name, node in load()["commands"].items()]
    while todo:
        name, node = todo.pop()
        found.append((name, node))
        todo += [(f"{name} {below}", entry) for below, entry in node.get("sub", {}).items()]
    return found


def test_every_command_has_a_source_and_a_date() -> None:
    names = [name for names in load()["commands"] for name in names.split()]
    assert len(names) == len(set(names))
    assert len(names) > 500
    for name, node in load()["commands"].items():
        assert node["source"], name
        assert node["checked"] >= "2026-11-24", name
        assert all(each == each.lower() for each in name.split()), name


def test_the_data_speaks_the_language_that_is_read() -> None:
    for name, node in nodes():
        assert set(node) <= KEYS, name
        assert node.get("kind", "program") in KINDS, name
        assert node.get("then", "task") in THEN, name
        assert node.get("ecosystem", "npm") in READERS, name
        for what in [node, *(node.get(key, {}) for key in ("open", "tail", "bare", "given"))]:
            assert what.get("runs", "fixed") in RUNS, name
            assert set(what.get("effects", ())) <= set(EFFECTS), name
            assert what is node or set(what) <= ADDS, name
        for option, what in node.get("options", {}).items():
            assert isinstance(what, dict) or what in EFFECTS, (name, option)
            assert not isinstance(what, dict) or set(what) <= ADDS, (name, option)


def test_what_is_borrowed_is_there() -> None:
    for name, node in nodes():
        if "like" in node:
            head, *path = node["like"].split()
            target = heads.commands().get(head)
            for part in path:
                target = heads.subcommands(target or {}).get(part)
            assert target, name


@pytest.mark.parametrize("head", sorted({names.split()[0] for names in load()["commands"]}))
def test_every_command_can_be_judged_with_an_open_tail(head: str) -> None:
    power = power_of(f"{head} ", True)
    assert power.runs in RUNS[1:]
    assert power.source
    if power.witness is not None:
        assert power.witness.startswith(f"{head} ")
