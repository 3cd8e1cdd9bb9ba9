"""Hosts on other addresses than loopback; test/services has what holds there, for both services."""

import asyncio

from make_settings import make_settings
from served import served

from ssp_policy.http.web_access import WebAccess, host_name

TOKEN = "a-token-of-some-length"
ADDRESSES = ["10.0.0.1", "10.0.0.1:8001", "[fd00::1]:80", "127.0.0.1", "localhost:8001"]
FOREIGN = ["evil.example", "policy.lan.evil.example"]


def test_for_other_machines_the_token_decides_unless_hosts_are_named(model_folder):
    hosts = [*ADDRESSES, *FOREIGN, "policy.lan"]

    def answered(**changes):
        takes = WebAccess(make_settings(model_folder, host="0.0.0.0", **changes))._takes_host
        return [host for host in hosts if takes(host_name(host) or "")]

    assert answered() == hosts
    assert answered(allowed_hosts=("Policy.LAN.:80",)) == [*ADDRESSES, "policy.lan"]


def test_hosts_in_their_plain_form():
    plain = {
        "Policy.LAN.:80": "policy.lan",
        "[::FFFF:127.0.0.1]:1": "::ffff:7f00:1",
        "[0:0::1]": "::1",
        "a_b": "a_b",
        "127.1": "127.0.0.1",
        "0x7f.1": "127.0.0.1",
        "localhost:": "localhost",
    }
    assert {header: host_name(header) for header in plain} == plain
    for header in ("", ":80", "a b", "a/b", "a:b", "a@b", "a%62", "[::1", "::1", "ü"):
        assert host_name(header) is None, header


def test_a_page_changes_nothing(model_folder, checkpoints):
    """What any page can send without leave: a form, or text with its own origin."""
    body = '{"name": "stolen"}'

    async def main():
        async with served(model_folder, checkpoints=checkpoints) as client:
            page = {"Origin": "https://evil.example", "Content-Type": "text/plain"}
            for headers, status in ((page, 403), ({"Content-Type": "text/plain"}, 415)):
                refused = await client.request(
                    "POST", "/v1/training/save", status, data=body, headers=headers
                )
                assert refused["message"]
            assert not checkpoints.exists()

    asyncio.run(main())
