#!/usr/bin/env python3
"""Differential-test oracle for sysctl.d loaders: runs the REAL binaries inside fresh
net+mount+pid namespaces against a private root and reports what happened, as JSON.

  oracle.py TREE --loader systemd|procps|busybox [--version V|all] [--mode MODE] [options]

TREE is a directory (a fake root holding etc/sysctl.d, run/sysctl.d, usr/local/lib/sysctl.d,
usr/lib/sysctl.d, lib/sysctl.d, etc/sysctl.conf, any of them absent; optional case.json) or a
JSON file {"files":[{path,content|content_b64|parts|symlink|type,mode}], "ifaces":[..], "sentinel":..,
"argv":{loader:[..]}, "env":{..}, "ro":["net/.."]}.

Loaders -> versions (from private Debian roots under ROOTS, see setup_roots.sh):
  systemd 247 252 257 262    procps 3.3.17 4.0.2 4.0.4 4.0.7    busybox 1.30.1 1.35.0 1.37.0 1.38.0
Modes: system (default: systemd-sysctl / sysctl --system / busybox sysctl -p)
       p      (sysctl -p, i.e. /etc/sysctl.conf only; procps, busybox)
       prefix:KEY (systemd-sysctl --prefix=KEY)
       argv   (arguments from --args or case["args"])
Sentinels: "fresh" = kernel state of a new netns (values reported in "before");
       "explicit" = SENTINELS written first (note: an explicit write to an ipv4 conf key pins it,
       so conf.default no longer propagates to it).
Output keys: exit, stdout, stderr, before, after (tracked keys), changed (every net.* key that
differs, full walk), writes ([[key, data, errno|null], ...] in order, from strace),
attempts (systemd only: the debug-log order of "Setting", including suppressed ones).
Nothing outside the namespaces is written: /proc/sys is read-only except /proc/sys/net, the netns
is verified to differ from the caller's before the first write, and the root is a private tmpfs.
"""
import sys, os, json, re, argparse, subprocess, base64, shutil, stat, hashlib, errno as E, tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOTS = os.environ.get("LOADER_ROOTS", os.path.expanduser("~/.cache/backlogctl-loaders"))
VERSIONS = {
    "systemd": {"247": "bullseye", "252": "bookworm", "257": "trixie", "262": "sid"},
    "procps": {"3.3.17": "bullseye", "4.0.2": "bookworm", "4.0.4": "trixie", "4.0.7": "sid"},
    "busybox": {"1.30.1": "bullseye", "1.35.0": "bookworm", "1.37.0": "trixie", "1.38.0": "sid"},
}
IFACES = ["va0", "va1", "eth0.1"]
# netns-scoped keys only; value = explicit sentinel
SENTINELS = {
    "net.ipv4.ip_forward": "0", "net.ipv4.ip_default_ttl": "61", "net.ipv4.tcp_keepalive_time": "7001",
    "net.ipv4.tcp_fin_timeout": "51", "net.ipv4.tcp_syncookies": "1", "net.ipv4.tcp_retries2": "11",
    "net.ipv4.tcp_max_syn_backlog": "301", "net.ipv4.tcp_rmem": "4097\t131071\t6291455",
    "net.ipv4.tcp_wmem": "4097\t16383\t4194303", "net.ipv4.ip_local_port_range": "32001\t60001",
    "net.ipv4.ping_group_range": "1\t0", "net.ipv4.tcp_ecn": "2", "net.ipv4.igmp_max_memberships": "21",
    "net.ipv4.icmp_ratelimit": "1001", "net.ipv4.ip_local_reserved_ports": "",
    "net.core.somaxconn": "4001", "net.ipv4.tcp_congestion_control": None, "net.ipv4.fwmark_reflect": "0",
    "net.unix.max_dgram_qlen": "11",
}
IF4 = ["rp_filter", "accept_redirects", "log_martians", "arp_ignore", "forwarding", "send_redirects"]
IF6 = ["accept_ra", "disable_ipv6", "forwarding", "hop_limit"]
IF_SENT = {"rp_filter": "0", "accept_redirects": "1", "log_martians": "0", "arp_ignore": "0",
           "forwarding": "0", "send_redirects": "1", "accept_ra": "1", "disable_ipv6": "0", "hop_limit": "64"}
TREE_DIRS = ["etc/sysctl.d", "run/sysctl.d", "usr/local/lib/sysctl.d", "usr/lib/sysctl.d", "lib/sysctl.d"]


# ---------------------------------------------------------------- tree helpers
def tree_from_dir(d):
    case = {"files": []}
    cj = os.path.join(d, "case.json")
    if os.path.exists(cj):
        with open(cj) as f:
            case.update(json.load(f))
        case.setdefault("files", [])
    for top in ("etc", "run", "usr", "lib"):
        base = os.path.join(d, top)
        if not os.path.isdir(base) or os.path.islink(base):
            continue
        for dp, dn, fn in os.walk(base):
            for n in dn + fn:
                p = os.path.join(dp, n)
                rel = os.path.relpath(p, d)
                st = os.lstat(p)
                if stat.S_ISLNK(st.st_mode):
                    case["files"].append({"path": rel, "symlink": os.readlink(p)})
                elif stat.S_ISDIR(st.st_mode):
                    case["files"].append({"path": rel, "type": "dir"})
                elif stat.S_ISFIFO(st.st_mode):
                    case["files"].append({"path": rel, "type": "fifo"})
                else:
                    b = open(p, "rb").read()
                    e = {"path": rel, "mode": oct(st.st_mode & 0o7777)}
                    put_content(e, b)
                    case["files"].append(e)
    return case


def put_content(e, b):
    try:
        s = b.decode("utf-8")
        if "\0" in s or "\r" in s:
            raise UnicodeDecodeError("utf-8", b, 0, 1, "x")
        e["content"] = s
    except UnicodeDecodeError:
        e["content_b64"] = base64.b64encode(b).decode()


def write_tree(case, root):
    for f in case["files"]:
        p = os.path.normpath(os.path.join(root, f["path"].lstrip("/")))
        if not (p + "/").startswith(root.rstrip("/") + "/"):
            raise SystemExit("path escapes root: %r" % f["path"])
        os.makedirs(os.path.dirname(p), exist_ok=True)
        t = f.get("type", "file")
        if "symlink" in f:
            if os.path.isdir(p) and not os.path.islink(p):
                os.rmdir(p)                      # e.g. etc/sysctl.d itself as a symlink
            elif os.path.lexists(p):
                os.unlink(p)
            os.symlink(f["symlink"], p)
        elif t == "dir":
            os.makedirs(p, exist_ok=True)
        elif t == "fifo":
            os.mkfifo(p)
        else:
            if "content_b64" in f:
                b = base64.b64decode(f["content_b64"])
            elif "parts" in f:                       # [[text, repeat], ...] for long content
                b = "".join(t * n for t, n in f["parts"]).encode()
            else:
                b = f.get("content", "").encode("utf-8", "surrogateescape")
            with open(p, "wb") as fh:
                fh.write(b)
            if "mode" in f:
                os.chmod(p, int(str(f["mode"]), 8))


# ---------------------------------------------------------------- inner (namespaced) part
def key_of(path):  # path relative to /proc/sys -> canonical key (dots<->slashes swapped)
    return path.translate(str.maketrans("./", "/."))


def path_of(key):
    return "/proc/sys/" + key.translate(str.maketrans("./", "/."))


def rd(p):
    try:
        with open(p, "rb") as f:
            return f.read(65536).decode("latin1").rstrip("\n")
    except OSError as e:
        return None


VOLATILE = re.compile(r"(nf_conntrack_count|tcp_fastopen_key|stable_secret|fib_multipath_hash_seed|/flush|retrans_time$|base_reachable_time$|mptcp/)")


def walk_net():
    out = {}
    for dp, dn, fn in os.walk("/proc/sys/net"):
        dn.sort()
        for n in fn:
            p = os.path.join(dp, n)
            if VOLATILE.search(p):
                continue
            v = rd(p)
            if v is not None:
                out[key_of(p[len("/proc/sys/"):])] = v
    return out


def tracked(ifs):
    ks = list(SENTINELS)
    for i in ["all", "default"] + ifs:
        n = i.replace(".", "/")
        ks += ["net.ipv4.conf.%s.%s" % (n, k) for k in IF4]
        ks += ["net.ipv6.conf.%s.%s" % (n, k) for k in IF6]
    return ks


MS_RDONLY, MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = 1, 32, 4096, 16384, 1 << 18


def mnt(src, dst, fs=None, flags=0, data=None):
    import ctypes
    libc = ctypes.CDLL(None, use_errno=True)
    enc = lambda x: None if x is None else x.encode()
    if libc.mount(enc(src), enc(dst), enc(fs), flags, enc(data)) != 0:
        e = ctypes.get_errno()
        raise OSError(e, "mount %s %s: %s" % (src, dst, os.strerror(e)))


def bind(src, dst, ro=False):
    mnt(src, dst, None, MS_BIND)
    if ro:
        mnt(None, dst, None, MS_BIND | MS_REMOUNT | MS_RDONLY)


def inner(spec):
    if os.stat("/proc/self/ns/net").st_ino == spec["host_netns"] or os.stat("/proc/self/ns/mnt").st_ino == spec["host_mntns"]:
        raise SystemExit("refusing: not in private namespaces")
    suite = os.path.join(ROOTS, spec["suite"])
    root = spec["work"]
    mnt(None, "/", None, MS_REC | MS_PRIVATE)
    mnt("oracle", root, "tmpfs", 0, "mode=755")
    for d in ("etc/sysctl.d", "run/sysctl.d", "proc", "dev", "tmp", "usr", "lib", "run/cred"):
        os.makedirs(os.path.join(root, d), exist_ok=True)
    for l in ("bin", "sbin", "lib64"):
        os.symlink("usr/" + l, os.path.join(root, l))
    bind(suite + "/usr", root + "/usr", ro=True)
    ext = os.path.join(root, "tmp/x")
    os.makedirs(ext)
    for d in TREE_DIRS + ["etc"]:
        os.makedirs(os.path.join(ext, d), exist_ok=True)
    write_tree(spec["case"], ext)
    # /etc, /run are tmpfs: bind the staged directories; usr/* need bind mounts over the ro suite
    bind(ext + "/etc", root + "/etc")
    os.makedirs(ext + "/run/cred", exist_ok=True)
    bind(ext + "/run", root + "/run")
    mnt("none", root + "/usr/local", "tmpfs")
    os.makedirs(root + "/usr/local/lib/sysctl.d")
    bind(ext + "/usr/local/lib/sysctl.d", root + "/usr/local/lib/sysctl.d")
    bind(ext + "/usr/lib/sysctl.d", root + "/usr/lib/sysctl.d")
    bind(suite + "/usr/lib", root + "/lib")
    split = any(f["path"].startswith("lib/sysctl.d/") for f in spec["case"]["files"])
    bind(ext + ("/lib/sysctl.d" if split else "/usr/lib/sysctl.d"), root + "/lib/sysctl.d")
    # private dev with only null (+proc)
    mnt("none", root + "/dev", "tmpfs")
    os.mknod(root + "/dev/null", 0o666 | stat.S_IFCHR, os.makedev(1, 3))
    mnt("proc", root + "/proc", "proc")
    mnt(root + "/proc", "/proc", None, MS_BIND | MS_REC)
    # private interfaces (veth is available everywhere; peers are named zp*)
    ifs = spec["case"].get("ifaces", IFACES)
    subprocess.run(["ip", "-batch", "-"], check=True, input="".join(
        "link add %s type veth peer name zp%d\n" % (i, n) for n, i in enumerate(ifs)).encode())
    mode = spec["case"].get("sentinel", "fresh")
    for k, v in SENTINELS.items():          # non-conf keys: always explicit
        if v:
            put(k, v)
    if mode == "explicit":
        for i in ["default", "all"] + ifs:
            for fam, ks in (("ipv4", IF4), ("ipv6", IF6)):
                for kk in ks:
                    put("net.%s.conf.%s.%s" % (fam, i.replace(".", "/"), kk), IF_SENT[kk])
    else:                                    # fresh: only conf.all is set (host-independent), nothing pinned
        for kk in IF4:
            put("net.ipv4.conf.all." + kk, IF_SENT[kk])
    for k, v in spec["case"].get("preset", {}).items():
        put(k, v)
    before_all = walk_net()
    # freeze everything but net (the /proc view made above stays rw and is a separate mount)
    ps = root + "/proc/sys"
    bind(ps, ps, ro=True)
    bind("/proc/sys/net", ps + "/net")
    for p in spec["case"].get("ro", []):     # e.g. ["net/ipv4/tcp_fin_timeout"]: EROFS on write
        bind(ps + "/" + p, ps + "/" + p, ro=True)
    env = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "SYSTEMD_LOG_TARGET": "console-prefixed", "SYSTEMD_LOG_COLOR": "0",
           "LC_ALL": "C.UTF-8", "SYSTEMD_LOG_LEVEL": "debug" if spec["loader"] == "systemd" else "info"}
    env.update(spec["case"].get("env", {}))
    trace = os.path.join(root, "tmp", "trace")
    cmd = ["strace", "-f", "-y", "-xx", "-s", "1200000", "-e", "trace=write,pwrite64,writev", "-o", trace,
           "chroot", root] + spec["argv"]
    try:
        p = subprocess.run(cmd, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                           timeout=spec.get("timeout", 20), cwd="/")
        rc, out, err = p.returncode, p.stdout, p.stderr
    except subprocess.TimeoutExpired as e:
        rc, out, err = "timeout", e.stdout or b"", e.stderr or b""
    after_all = walk_net()
    # data kept as latin1 strings so that arbitrary bytes survive JSON
    writes = parse_trace(trace)
    tk = tracked(ifs)
    res = {
        "loader": spec["loader"], "version": spec["version"], "mode": spec["mode"], "exit": rc,
        "stdout": out.decode("latin1"),
        "before": before_all if spec.get("all") else {k: before_all[k] for k in tk if k in before_all},
        "after": {k: after_all[k] for k in tk if k in after_all},
        "changed": {k: [before_all.get(k), after_all.get(k)] for k in sorted(set(before_all) | set(after_all))
                    if before_all.get(k) != after_all.get(k)},
        "writes": writes,
    }
    e = err.decode("latin1")
    if spec["loader"] == "systemd":
        res["attempts"], res["stderr"] = split_debug(e)
        if spec.get("raw"):
            res["stderr_debug"] = e
    else:
        res["stderr"] = e
    return res


def put(k, v):
    try:
        fd = os.open(path_of(k), os.O_WRONLY)
    except OSError:
        return
    try:
        os.write(fd, (v + "\n").encode())
    except OSError:
        pass
    finally:
        os.close(fd)


WRE = re.compile(r'^\d+ +(?:write|pwrite64)\(\d+<((?:\\x[0-9a-f]{2})*|[^>]*)>, "((?:\\x[0-9a-f]{2})*)"(?:\.\.\.)?, \d+(?:, \d+)?\) += (-?\d+)(?: (E[A-Z]+))?')


def unhex(s):
    return bytes.fromhex(s.replace("\\x", "")).decode("latin1") if s.startswith("\\x") else s


def parse_trace(fn):
    ws = []
    try:
        for line in open(fn, errors="replace"):
            m = WRE.match(line)
            if not m:
                continue
            path = unhex(m.group(1))
            i = path.find("/proc/sys/")
            if i < 0:
                # a bind-mounted view can be shown relative to its own mount
                continue
            ws.append([key_of(path[i + 10:]), unhex(m.group(2)), m.group(4)])
    except FileNotFoundError:
        pass
    return ws


def split_debug(e):
    """console-prefixed log: "<N>" with N & 7 = 7 is debug. Returns (attempted settings, non-debug lines as "LEVEL text")."""
    att, rest = [], []
    for l in e.split("\n"):
        m = re.match(r"^<(\d+)>(.*)$", l, re.S)
        lev, txt = (str(int(m.group(1)) & 7), m.group(2)) if m else (None, l)
        m = re.match(r"^Setting '(.*?)' to '(.*)'\.?$", txt, re.S)
        if m:
            k = m.group(1)
            k = k[len("/proc/sys/"):] if k.startswith("/proc/sys/") else "" if k == "/proc/sys" else k
            att.append([key_of(k), m.group(2)])
        elif lev != "7":
            rest.append(({"3": "error: ", "4": "warning: ", "5": "notice: ", "6": "info: "}.get(lev, "") if lev else "") + txt)
    return att, "\n".join(rest)


# ---------------------------------------------------------------- outer part
def argv_for(loader, mode, extra):
    if loader == "systemd":
        a = ["/lib/systemd/systemd-sysctl"]
        if mode == "system":
            return a
        if mode.startswith("prefix:"):
            return a + ["--prefix=" + mode[7:]]
        if mode == "argv":
            return a + extra
    if loader == "procps":
        a = ["/sbin/sysctl"]
        return {"system": a + ["--system"], "p": a + ["-p"], "argv": a + extra}[mode]
    if loader == "busybox":
        a = ["/bin/busybox", "sysctl"]
        return {"system": a + ["-p"], "p": a + ["-p"], "argv": a + extra}[mode]
    raise SystemExit("bad loader/mode %s/%s" % (loader, mode))


def run_case(case, loader, version, mode="system", extra=(), raw=False, timeout=20):
    """case: dict as described above. Returns the result dict."""
    work = tempfile.mkdtemp(prefix="sysctl-oracle-")
    try:
        spec = {"case": case, "loader": loader, "version": version, "suite": VERSIONS[loader][version], "mode": mode,
                "argv": argv_for(loader, mode, list(extra)), "work": work, "raw": raw, "timeout": timeout,
                "host_netns": os.stat("/proc/self/ns/net").st_ino, "host_mntns": os.stat("/proc/self/ns/mnt").st_ino}
        p = subprocess.run(["unshare", "-n", "-m", "-p", "-f", "--kill-child", sys.executable, os.path.abspath(__file__), "--inner"],
                           input=json.dumps(spec).encode(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=timeout + 40)
        if p.returncode != 0:
            raise RuntimeError("inner failed (%s): %s" % (p.returncode, p.stderr.decode("latin1")[-2000:]))
        return json.loads(p.stdout)
    finally:
        os.rmdir(work)


def load_case(path):
    if os.path.isdir(path):
        return tree_from_dir(path)
    with open(path) as f:
        j = json.load(f)
    return j.get("tree", j)


def main():
    if sys.argv[1:] == ["--inner"]:
        json.dump(inner(json.load(sys.stdin)), sys.stdout)
        return
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("tree")
    ap.add_argument("--loader", required=True, choices=list(VERSIONS) + ["all"])
    ap.add_argument("--version", default="")
    ap.add_argument("--mode", default="system")
    ap.add_argument("--args", nargs="*", default=[])
    ap.add_argument("--raw", action="store_true", help="systemd: keep the full debug log in stderr_debug")
    ap.add_argument("--brief", action="store_true", help="drop before/after/stdout")
    a = ap.parse_args()
    case = load_case(a.tree)
    out = []
    for l in (VERSIONS if a.loader == "all" else [a.loader]):
        vs = [v for v in VERSIONS[l] if a.version in ("all",) or v == a.version] or \
             ([{"systemd": "252", "procps": "4.0.2", "busybox": "1.35.0"}[l]] if not a.version else [])
        if not vs:
            ap.error("no such version of %s: %s (have %s)" % (l, a.version, ", ".join(VERSIONS[l])))
        for v in vs:
            r = run_case(case, l, v, a.mode, a.args or case.get("args", []), a.raw)
            if a.brief:
                for k in ("before", "after", "stdout"):
                    r.pop(k, None)
            out.append(r)
    json.dump(out[0] if len(out) == 1 else out, sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()
