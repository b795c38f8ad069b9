#!/usr/bin/env python3
"""A worker in one file: runs kind `command` over the protocol of docs/agent-protocol.md, with the standard library only."""
import argparse, json, os, pathlib, random, signal, socket, subprocess, threading, time, urllib.error, urllib.request
options = argparse.ArgumentParser(description=__doc__)
defaults = {"url": "http://127.0.0.1:3000", "name": socket.gethostname() + "-python", "labels": "", "state": "worker-id", "slots": 4, "grace": 20}
for option, default in defaults.items(): options.add_argument("--" + option, default=default, type=type(default))
args = options.parse_args()
headers = {"content-type": "application/json", "authorization": "Bearer " + os.environ.get("TIDEMARK_KEY", "")}
jobs, worker, slots, stopping, over = {}, {}, threading.Semaphore(args.slots), threading.Event(), threading.Event()
class Refused(Exception): """The server understood and said no: the same call again would not help."""
def call(path, body, timeout=30, insist=False):
    """Answers what the server answered. With `insist` it repeats the call, with growing pauses, until there is an answer."""
    for tries in range(1_000_000):
        try:
            with urllib.request.urlopen(urllib.request.Request(args.url + path, json.dumps(body).encode(), headers), timeout=timeout) as answer:
                return json.load(answer)
        except (OSError, ValueError) as error:
            if getattr(error, "code", 503) not in (429, 500, 503):  # a server that is away counts as one that is busy
                raise Refused(f"{error.code}: {error.read().decode()}") from None
            if not insist or over.wait(random.uniform(0.1, min(10, 0.2 * 2 ** min(tries, 10)))): raise
class Job:
    def __init__(self, job):
        self.id, self.epoch, self.payload, self.why, self.process = job["job_id"], job["lease_epoch"], job["payload"], None, None
        self.limit, self.renewed, self.started = (job["timeout_ms"] or 1e9) / 1000, time.monotonic(), time.monotonic()
    def run(self):
        try:
            call(f"/v1/jobs/{self.id}/checkpoint", {"lease_epoch": self.epoch, "progress": {"message": "started"}}, insist=True)
            op, fields = self.work()
            if self.why != "lost":  # what is lost belongs to somebody else: nothing of it is told
                spent = {"duration_ms": round((time.monotonic() - self.started) * 1000), "request_id": f"{self.id}.{self.epoch}.end"}
                call(f"/v1/jobs/{self.id}/{op}", {"lease_epoch": self.epoch, **spent, **fields}, insist=True)
        except (OSError, Refused) as error: print(f"{self.id}: {error}", flush=True)
        jobs.pop((self.id, self.epoch))
        slots.release()
    def work(self):
        command, env = self.payload.get("command"), {**os.environ, **self.payload.get("env", {})}
        argv = ["/bin/sh", "-c", command] if isinstance(command, str) else command
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        try:
            self.process = subprocess.Popen(argv, cwd=self.payload.get("cwd"), env=env, start_new_session=True, text=True, errors="replace", **pipes)
        except (OSError, TypeError, ValueError) as error:
            return "fail", {"error": f"The command could not be started: {error}", "retryable": False}
        (watch := threading.Timer(0 if self.why else self.limit, self.stop, [self.why or "timeout"])).start()
        output = self.process.communicate(self.payload.get("stdin", ""))[0].replace("\0", "\ufffd")
        watch.cancel()
        code = self.process.returncode if self.process.returncode >= 0 else 128 - self.process.returncode
        kept = {"output": output[-250_000:], "output_truncated": len(output) > 250_000, "exit_code": code}
        if not self.why and not code: return "complete", kept
        reason = self.why if self.why in ("timeout", "cancelled") else "error"
        failure = {**kept, "reason": reason, "error": f"The command ended with code {code} ({self.why or 'by itself'})", "retryable": True}
        return ("release", {"reason": "the worker is shutting down"}) if self.why == "released" else ("fail", failure)
    def stop(self, why):
        self.why = why if why == "lost" else self.why or why
        if self.process and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL if why == "lost" else signal.SIGTERM)
            threading.Timer(5, lambda: self.process.poll() is None and os.killpg(self.process.pid, signal.SIGKILL)).start()
def register():
    known = {"worker_id": pathlib.Path(args.state).read_text()} if os.path.exists(args.state) else {}
    kinds = {"worker_type": "python", "version": "1", "isolations": ["process"], "kinds": ["command"], "slots": args.slots}
    labels = dict(pair.split("=", 1) for pair in args.labels.split(",") if pair)
    worker.update(call("/v1/workers", {"name": args.name, **kinds, "labels": labels, **known}, insist=True))
    pathlib.Path(args.state).write_text(worker["worker_id"])
def beat(**more):
    sent, held = time.monotonic(), {job.id: job for job in list(jobs.values())}
    body = {"leases": [{"job_id": job.id, "lease_epoch": job.epoch} for job in held.values()], "draining": stopping.is_set(), **more}
    answer = call(f"/v1/workers/{worker['worker_id']}/heartbeat", body, timeout=6)
    held.update({id: setattr(held[id], "renewed", sent) or held[id] for id in answer["renewed"]})
    for id, why in [(item["job_id"], "lost") for item in answer["stale"]] + [(id, "cancelled") for id in answer["cancel"]]:
        held[id].stop(why)
def keep_beating():
    while not over.wait(worker["heartbeat_ms"] / 1000 * random.uniform(0.9, 1.1)):
        try:
            beat()
        except (OSError, Refused) as error:
            register() if str(error).startswith("404") else print(f"heartbeat: {error}", flush=True)
        for job in list(jobs.values()):  # another worker may start it once its lease is over
            if time.monotonic() - job.renewed > 0.8 * worker["lease_ms"] / 1000: job.stop("lost")
def keep_claiming():
    while slots.acquire() and not stopping.is_set():
        try:
            taken = call("/v1/jobs/claim", {"worker_id": worker["worker_id"], "max": 1, "wait_ms": 5_000})["jobs"]
        except (OSError, Refused): taken = []
        for job in map(Job, taken):
            [other.stop("lost") for other in list(jobs.values()) if other.id == job.id]  # an earlier lease of the same job is over
            jobs[job.id, job.epoch] = job
            threading.Thread(target=job.run, daemon=True).start()
        taken or slots.release() or over.wait(0.5)
signal.signal(signal.SIGTERM, lambda *_: stopping.set())
register()
threads = [threading.Thread(target=loop, daemon=True) for loop in (keep_beating, keep_claiming)]
for thread in threads: thread.start()
stopping.wait()
deadline = time.monotonic() + args.grace
threads[1].join(7)  # a claim on its way may still bring a job
while jobs and time.monotonic() < deadline + 15:
    [job.stop("released") for job in list(jobs.values()) if time.monotonic() >= deadline]
    time.sleep(0.1)
over.set()
beat(stopped=True)
os._exit(0)  # without waiting for what still sleeps
