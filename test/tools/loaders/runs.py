#!/usr/bin/env python3
"""Runs the real loaders over generated trees and prints what each did, one JSON object a line.

  runs.py --seeds FIRST-LAST [--loaders systemd-252,procps-4.0.7,...] [--jobs N]
  runs.py --versions        the loaders that ROOTS really holds, as JSON {name: suite}

Each run has private network, mount and PID namespaces of its own (oracle.py); one Python process serves many runs.
Of each seed {"seed", "tree"} first, then of each loader {"seed", "loader", "exit", "attempts" (systemd), "writes",
"changed"}; and before the first run that it is true of {"sentinel": MODE, "before": readable keys below net, by value}.
"""
import argparse, ctypes, json, os, re, subprocess, sys, tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import gen
import oracle

CLONE_NEWNS, CLONE_NEWPID, CLONE_NEWNET = 0x20000, 0x20000000, 0x40000000


def installed(suite):
    """Names of the loaders in one suite's root, by what their files say of themselves."""
    root = os.path.join(oracle.ROOTS, suite)
    found = []
    for directory, _, names in os.walk(os.path.join(root, "usr/lib")):
        for name in names:
            shared = re.match(r"libsystemd-shared-(\d+)", name)
            if shared:
                found.append("systemd-" + shared.group(1))
    for program in ("usr/sbin/sysctl", "usr/bin/sysctl"):
        if os.path.exists(os.path.join(root, program)):
            said = subprocess.run(["chroot", root, "/" + program, "--version"], capture_output=True, text=True).stdout
            version = re.search(r"procps-ng (\S+)", said)
            if version:
                found.append("procps-" + version.group(1))
    return found


def available():
    suites = sorted({suite for versions in oracle.VERSIONS.values() for suite in versions.values()})
    return {name: suite for suite in suites for name in installed(suite)}


def run(tree, loader):
    """The result of oracle.inner() in namespaces of its own, from a child of this process."""
    kind, version = loader.split("-", 1)
    work = tempfile.mkdtemp(prefix="backlogctl-loader-")
    spec = {"case": tree, "loader": kind, "version": version, "suite": oracle.VERSIONS[kind][version], "mode": "system",
            "argv": oracle.argv_for(kind, "system", []), "work": work, "timeout": 30, "all": True,
            "host_netns": os.stat("/proc/self/ns/net").st_ino, "host_mntns": os.stat("/proc/self/ns/mnt").st_ino}
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        apart(spec, writing)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        answer = pipe.read()
    os.waitpid(child, 0)
    os.rmdir(work)
    result = json.loads(answer) if answer else {"error": "no answer"}
    if "error" in result:
        raise RuntimeError("%s: %s" % (loader, result["error"]))
    return result


def apart(spec, writing):
    """Never returns. A PID namespace begins with the next child."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET) != 0:
        os._exit(1)
    child = os.fork()
    if child != 0:
        os.close(writing)
        os.waitpid(child, 0)
        os._exit(0)
    try:
        answer = oracle.inner(spec)
    except BaseException as error:
        answer = {"error": repr(error)}
    with os.fdopen(writing, "wb") as pipe:
        pipe.write(json.dumps(answer).encode())
    os._exit(0)


def show(line):
    """In one write, so that lines of several jobs do not mix."""
    data = (json.dumps(line) + "\n").encode()
    while data:
        data = data[os.write(1, data):]


def serve(seeds, loaders):
    known = {}
    for seed in seeds:
        tree = gen.gen(seed)
        show({"seed": seed, "tree": tree})
        for loader in loaders:
            result = run(tree, loader)
            if known.get(tree["sentinel"]) != result["before"]:
                known[tree["sentinel"]] = result["before"]
                show({"sentinel": tree["sentinel"], "before": result["before"]})
            line = {"seed": seed, "loader": loader}
            for field in ("exit", "attempts", "writes"):
                if field in result:
                    line[field] = result[field]
            show(dict(line, changed={key: after for key, (_, after) in result["changed"].items()}))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds")
    parser.add_argument("--loaders", default="")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--versions", action="store_true")
    given = parser.parse_args()
    if given.versions:
        print(json.dumps(available()))
        return
    first, last = (int(each) for each in given.seeds.split("-"))
    loaders = given.loaders.split(",")
    children = []
    for job in range(given.jobs):
        child = os.fork()
        if child == 0:
            try:
                serve(range(first + job, last + 1, given.jobs), loaders)
            except BaseException as error:
                sys.stderr.write("runs.py: %r\n" % error)
                os._exit(1)
            os._exit(0)
        children.append(child)
    if any(os.waitpid(child, 0)[1] != 0 for child in children):
        sys.exit(1)


if __name__ == "__main__":
    main()
