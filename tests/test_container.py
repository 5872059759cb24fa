"""Containers: what their command line gives them of the machine."""

from __future__ import annotations

import pytest

from overgrant.dialect.grammar.container import ContainerFacts, Mount
from overgrant.dialect.grammar.launch import understand, understand_line
from trees import judged


def facts(text: str) -> ContainerFacts:
    (started,) = understand_line(text)
    assert started.container is not None
    return started.container


@pytest.mark.parametrize("program", ["docker", "podman", "nerdctl", "docker container", "docker --context x"])
def test_the_image_is_found_behind_options(program: str) -> None:
    text = f"{program} run -i --rm -e A -e B=c --name n -p 80:80 -itw /x --network=host --memory 1g image:tag arg -v q"
    container = facts(text)
    assert container.image == "image:tag"
    assert (container.env, container.network, container.memory, container.remove) == (["A", "B"], "host", "1g", True)
    assert container.mounts == []


@pytest.mark.parametrize(
    ("option", "host", "target", "readonly"),
    [
        ("-v /a:/b", "/a", "/b", False),
        ("-v=/a:/b:ro", "/a", "/b", True),
        ("--volume=/a:/b:z,ro", "/a", "/b", True),
        ("-v name:/b", "name", "/b", False),
        ("-v /b", "", "/b", False),
        ("--mount type=bind,source=/a,target=/b,readonly", "/a", "/b", True),
        ("--mount type=bind,src=/a,dst=/b", "/a", "/b", False),
        ("--mount type=tmpfs,dst=/b", "", "/b", False),
    ],
)
def test_mounts(option: str, host: str, target: str, readonly: bool) -> None:
    (mount,) = facts(f"docker run {option} image").mounts
    assert mount[:3] == (host, target, readonly)


def test_a_windows_drive_is_not_a_separator() -> None:
    started = understand(["docker", "run", "-v", "C:\\x:/y:ro", "image"])
    assert started.container is not None
    assert started.container.mounts == [Mount("C:\\x", "/y", True, 3)]


@pytest.mark.parametrize(
    "socket", ["/var/run/docker.sock", "/run/user/1000/podman/podman.sock", "//./pipe/docker_engine", "/var/run"]
)
def test_the_socket_of_the_engine(socket: str) -> None:
    assert len(facts(f"docker run -v {socket}:/s image").sockets) == 1


def test_what_opens_the_container() -> None:
    container = facts(
        "docker run --privileged --pid=host --cap-add SYS_ADMIN --device /dev/kvm --security-opt seccomp=unconfined"
        " -u 0 --userns host --pids-limit 10 --read-only --cap-drop=ALL --entrypoint sh image -c id"
    )
    assert container.privileged
    assert container.read_only
    assert (container.pid, container.user, container.userns, container.pids) == ("host", "0", "host", "10")
    assert (container.caps, container.dropped, container.devices) == (["SYS_ADMIN"], ["ALL"], ["/dev/kvm"])
    assert (container.security, container.entrypoint) == (["seccomp=unconfined"], "sh")


def test_a_switch_that_is_off() -> None:
    assert not facts("docker run --privileged=false image").privileged


def test_a_parameter_that_is_mounted_at_the_home_of_root_is_that_folder_of_the_user() -> None:
    files = {"servers/kube/server.yaml": b"name: kube\nimage: mcp/kube\ntype: server\nrun:\n  volumes:\n    - '{{kube.config}}:/root/.kube'\n"}
    assert "sensitive-path" in {each.rule.id for each in judged(files).findings}
