#!/usr/bin/env python3
"""Sends random packets through rule sets, and compares what becomes of them with what Plexus says: packets.py JUDGE SEED

Packets come in by a TAP device with any addresses, or are sent by a raw socket. Behind all other chains stands a table
that puts the number that each packet bears into a set: what is not there was dropped. Run it in a world of its own.
"""
import fcntl
import ipaddress
import json
import os
import random
import socket
import struct
import subprocess
import sys

PACKETS = 60
MAC = {"tap0": "02:00:00:00:00:01", "tap1": "02:00:00:00:00:02", "far": "02:00:00:00:00:77"}
ADDRESSES = [("tap0", "10.1.0.1/24"), ("tap1", "10.2.0.1/24"), ("tap0", "fd01::1/64"), ("tap1", "fd02::1/64")]
NEAR = {4: ["10.1.0.2", "10.1.0.3", "10.1.0.77"], 6: ["fd01::2", "fd01::3", "fd01::77"]}
FAR = {4: ["10.2.0.2", "10.2.0.3", "10.2.0.4"], 6: ["fd02::2", "fd02::3", "fd02::4"]}
OURS = {4: ["10.1.0.1", "10.2.0.1"], 6: ["fd01::1", "fd02::1"]}
PORTS = [22, 53, 80, 81, 85, 90, 443, 8080]
PROTOCOLS = {"tcp": 6, "udp": 17, "icmp": 1, "icmpv6": 58}

SEEN = """
table inet zz-seen {
    set seen4 { typeof ip id . ip daddr . th dport; flags dynamic; size 65535; }
    set seen6 { typeof ip6 flowlabel . ip6 daddr . th dport; flags dynamic; size 65535; }
    chain last { add @seen4 { ip id . ip daddr . th dport }; add @seen6 { ip6 flowlabel . ip6 daddr . th dport }; }
    chain input { type filter hook input priority 2000; iifname "tap0" jump last; }
    chain postrouting { type filter hook postrouting priority 2000; oifname { "tap0", "tap1" } jump last; }
    chain tracked { type filter hook prerouting priority 2000; ct state new; }
}
"""


def run(*command, given=None):
    done = subprocess.run(command, input=given, text=True, capture_output=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(command)}: {done.stderr}\n{given or ''}")
    return done.stdout


def tap(name):
    fd = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(fd, 0x400454CA, struct.pack("16sH22x", name.encode(), 0x0002 | 0x1000))
    run("ip", "link", "set", name, "address", MAC[name], "up")
    return fd


def world():
    # tcp_loose: an ACK alone is no new connection.
    for key, value in (("ipv4/ip_forward", "1"), ("ipv6/conf/all/forwarding", "1"), ("netfilter/nf_conntrack_tcp_loose", "0")):
        with open(f"/proc/sys/net/{key}", "w", encoding="ascii") as f:
            f.write(value)
    taps = tap("tap0"), tap("tap1")
    for dev, address in ADDRESSES:
        run("ip", "address", "add", address, "dev", dev, *(["nodad"] if ":" in address else []))
    for dev, pools in (("tap0", NEAR), ("tap1", FAR)):
        for address in pools[4] + pools[6]:
            run("ip", "neighbour", "add", address, "lladdr", MAC["far"], "dev", dev)
    return taps


def checksum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def transport(packet):
    """The bytes after the header of IP, with their checksum."""
    name, words = packet["protocol"], packet
    if name == "tcp":
        data, at = struct.pack("!HHIIBBHHH", words["sport"], words["dport"], 1, 0, 0x50, words["flags"], 1000, 0, 0), 16
    elif name == "udp":
        data, at = struct.pack("!HHHH", words["sport"], words["dport"], 8, 0), 6
    else:
        data, at = struct.pack("!BBHHH", words["type"], 0, 0, words["number"], 1), 2
    pseudo = b"" if name == "icmp" else packed(words["saddr"]) + packed(words["daddr"]) + struct.pack(
        "!II", len(data), PROTOCOLS[name])
    return data[:at] + struct.pack("!H", checksum(pseudo + data)) + data[at + 2:]


def packed(address):
    return ipaddress.ip_address(address).packed


def bytes_of(packet):
    data = transport(packet)
    addresses = packed(packet["saddr"]) + packed(packet["daddr"])
    protocol = PROTOCOLS[packet["protocol"]]
    if packet["version"] == 6:
        return struct.pack("!IHBB", 6 << 28 | packet["number"], len(data), protocol, 64) + addresses + data
    head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(data), packet["number"], 0, 64, protocol, 0) + addresses
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + data


def random_packet(number):
    version = random.choice((4, 6))
    way = random.choice(("input", "forward", "output"))
    packet = {
        "number": number, "version": version, "way": way,
        "saddr": random.choice(OURS[version][1:] if way == "output" else NEAR[version]),
        "daddr": random.choice(OURS[version] if way == "input" else FAR[version]),
        "protocol": random.choice(("tcp", "tcp", "udp", "icmp" if version == 4 else "icmpv6")),
        "sport": 1024 + number, "dport": random.choice(PORTS),
        "flags": random.choice((2, 2, 2, 0x10)), # ACK alone is the middle of a connection that conntrack does not know
        "type": random.choice((8, 13) if version == 4 else (128, 1)),
    }
    if packet["type"] in (13, 1): # a timestamp is longer; an error without its packet is invalid
        packet["type"] = 8 if version == 4 else 128
    packet["mark"] = random.choice((0, 5)) if way == "output" else 0
    return packet


def send(packet, taps, sockets):
    data = bytes_of(packet)
    if packet["way"] == "output":
        raw = sockets[packet["version"]]
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_MARK, packet["mark"])
        try:
            raw.sendto(data, (packet["daddr"], 0))
        except PermissionError: # dropped on the way out
            pass
    else:
        ether = bytes.fromhex((MAC["tap0"] + MAC["far"]).replace(":", ""))
        os.write(taps[0], ether + struct.pack("!H", 0x0800 if packet["version"] == 4 else 0x86DD) + data)


def words_of(packet):
    words = {key: str(packet[key]) for key in ("saddr", "daddr", "protocol", "mark")}
    ports = packet["protocol"] in ("tcp", "udp")
    middle = packet["protocol"] == "tcp" and packet["flags"] == 0x10
    out = packet["way"] == "output"
    words.update({
        "sport": str(packet["sport"]) if ports else "", "dport": str(packet["dport"]) if ports else "",
        "tcp-flags": {2: "syn", 0x10: "ack"}[packet["flags"]] if packet["protocol"] == "tcp" else "",
        "icmp-type": "" if ports else str(packet["type"]), "icmp-code": "" if ports else "0",
        "ct-state": "invalid" if middle else "new", "pkttype": "host",
        "iifname": "" if out else "tap0", "oifname": "" if packet["way"] == "input" else "tap1",
        "ether-saddr": "" if out else MAC["far"], "ether-daddr": "" if out else MAC["tap0"], "skuid": "0" if out else "",
    })
    return words


def number_of(word):
    return int(word, 0) if isinstance(word, str) else word


def seen():
    """number -> (daddr, dport) of what came through."""
    found = {}
    for name, family in (("seen4", 4), ("seen6", 6)):
        listing = json.loads(run("nft", "-j", "list", "set", "inet", "zz-seen", name))
        for entry in listing["nftables"]:
            for elem in entry.get("set", {}).get("elem", []):
                number, daddr, dport = elem["concat"]
                found[family, number_of(number)] = daddr, number_of(dport)
    return found


def compare(rules, taps, sockets, judge):
    run("nft", "-f", "-", given="flush ruleset\n" + rules + SEEN)
    listing = json.loads(run("nft", "-j", "list", "ruleset"))
    entries = [e for e in listing["nftables"] if "zz-seen" not in json.dumps(e)]
    packets = [random_packet(number) for number in range(1, PACKETS + 1)]
    said = run(judge, "packets", given=json.dumps({
        "nftables": entries, "addresses": [{"dev": d, "address": a} for d, a in ADDRESSES],
        "packets": [{"way": p["way"], "words": words_of(p)} for p in packets]})).splitlines()
    for packet in packets:
        send(packet, taps, sockets)
    came = seen()
    wrong = unknown = through = 0
    for packet, line in zip(packets, said):
        outcome, daddr, dport = line.split()
        there = came.get((packet["version"], packet["number"]))
        ports = packet["protocol"] in ("tcp", "udp")
        unknown += outcome == "unknown"
        through += there is not None
        if outcome == "unknown":
            continue
        if (outcome == "accept") != (there is not None) or \
                (there and (daddr not in ("?", there[0]) or (ports and dport not in ("?", str(there[1]))))):
            wrong += 1
            print(f"{packet}\n  Plexus: {line}; the kernel: {there}")
    return len(packets), wrong, unknown, through


def main(judge, seed):
    random.seed(seed)
    taps = world()
    sockets = {4: socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW),
               6: socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_RAW)}
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "rulesets.nft"), encoding="utf-8") as f:
        rulesets = f.read().split("\n# ")[1:]
    bad = 0
    for text in rulesets:
        title, rules = text.split("\n", 1)
        total, wrong, unknown, came = compare(rules, taps, sockets, judge)
        print(f"{title}: {total} packets, {came} came through, {wrong} judged wrong, {unknown} unknown")
        # A rule set that lets all pass, or none, or that cannot be judged, proves nothing.
        bad += wrong + (unknown > total // 2) + (came == 0) + (came == total)
    run("nft", "flush", "ruleset")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2])))
