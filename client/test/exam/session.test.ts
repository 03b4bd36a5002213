// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import type { MessagePush } from "../../src/base/wire";
import { ExamSession } from "../../src/exam/session";
import { freshDisk } from "../buffer/fixtures";
import { FACTS, FakeSite, NOW } from "./site";

const QUESTION = { number: 1, item_id: "a", title: "A", kind: "essay", max_score: 1 };

describe("one attempt in this page", () => {
  let site: FakeSite;
  let session: ExamSession;
  let released: number;

  beforeEach(async () => {
    freshDisk();
    localStorage.clear();
    site = new FakeSite();
    session = new ExamSession(FACTS, "", () => undefined);
    released = 0;
    vi.spyOn(session.media, "begin").mockImplementation(() => undefined); // no recorder in this lane
    vi.spyOn(session.media, "release").mockImplementation(() => (released += 1));
    await session.connect(false);
  });

  afterEach(() => {
    session.loseHold();
    vi.unstubAllGlobals();
    vi.restoreAllMocks();
  });

  const until = (done: () => boolean): Promise<void> => vi.waitFor(() => expect(done()).toBe(true), { timeout: 3_000, interval: 5 });
  const beatsUnder = (epoch: number): number => site.beats.filter((beat) => beat.epoch === epoch).length;

  it("goes on beating and listening under the new epoch after its own reconnect", async () => {
    await until(() => beatsUnder(1) > 0);
    const [old] = site.open;
    await session.connect(false);
    old?.push({ type: "taken_over" });
    await until(() => beatsUnder(2) > 0);
    expect(session.taken_over).toBe(false);
    expect(released).toBe(0);
    expect(site.open).toHaveLength(1);
    expect(site.open[0]?.sent).toEqual([JSON.stringify({ token: "t2" })]);
  });

  it("writes to the log that it told the candidate of the dark, with what it promised (R-2.19)", async () => {
    session.state = "in_progress";
    session.started = true;
    const dim = { luma: 30, brightest: 34, deviation: 22 };
    session.looked(dim);
    vi.spyOn(session, "now").mockReturnValue(session.now() + 5_000);
    session.looked(dim);
    await until(() => site.entries.some(({ kind }) => kind === "hint_shown"));
    expect(site.entries.filter(({ kind }) => kind === "hint_shown").map(({ extra }) => extra)).toEqual([{ hint: "too_dark", grace: true }]);
  });

  it("tells nobody of the dark where the exam's settings say so (ui.warn_live)", () => {
    session.state = "in_progress";
    session.started = true;
    session.policy = { ...session.policy, ui: { warn_live: false } };
    const dim = { luma: 30, brightest: 34, deviation: 22 };
    session.looked(dim);
    vi.spyOn(session, "now").mockReturnValue(session.now() + 5_000);
    session.looked(dim);
    expect(session.dark.shown).toBe(false);
  });

  it("does not take a late answer to the old epoch for a take-over, and sends what it asked for again", async () => {
    let open = (): void => undefined;
    site.gate = new Promise((resolve) => (open = resolve));
    session.answer(QUESTION, "written meanwhile");
    const sent = session.saves?.flush();
    await until(() => site.arrived.includes("answers"));
    await session.connect(false);
    open();
    await sent;
    await until(() => site.answers.length === 1);
    expect(session.taken_over).toBe(false);
    expect(session.saves?.of("a").state).toBe("saved");
  });

  it("asks again when the answer to its own reconnect was lost on the way", async () => {
    site.loses_connect = 1;
    await expect(session.connect(false)).rejects.toThrow();
    session.answer(QUESTION, "x");
    await until(() => site.answers.length === 1);
    expect(session.taken_over).toBe(false);
    expect(site.epoch).toBe(3);
  });

  it("stops when another device has the exam, as the socket or a refused answer tells", async () => {
    await until(() => site.open.length === 1);
    site.takenOver();
    session.answer(QUESTION, "too late");
    await until(() => session.taken_over);
    expect(site.open).toEqual([]);
    expect(released).toBe(1);
  });

  it("says that the exam goes on elsewhere when it wakes after the token has ended", async () => {
    site.takenOver();
    site.token_expired = true;
    session.rouse();
    await until(() => session.taken_over);
    expect(session.overlay()?.kind).toBe("elsewhere");
  });

  it("does not hand in while an answer is only on this device", async () => {
    session.answer(QUESTION, "x");
    site.answersStatus = 503;
    await expect(session.handIn()).rejects.toThrow("One answer is not saved on the server yet.");
    expect(site.handed_in).toBe(0);
    site.answersStatus = 0;
    await expect(session.handIn()).resolves.toMatchObject({ number: "R-1" });
    expect(site.answers.map((answer) => answer.response)).toEqual(["x"]);
  });

  it("sends what was typed last when the time is over", async () => {
    await until(() => site.open.length === 1);
    session.answer(QUESTION, "in the last second");
    site.state = "timed_out";
    site.open[0]?.push({ type: "state", state: "timed_out", deadline_at: null, server_now: NOW });
    await until(() => site.answers.length === 1);
    expect(session.over).toBe(true);
  });

  it("goes on sending after the end what it could not send before", async () => {
    await until(() => site.open.length === 1);
    site.answersStatus = 503;
    session.answer(QUESTION, "typed in the cut");
    await session.saves?.flush();
    site.open[0]?.push({ type: "state", state: "timed_out", deadline_at: null, server_now: NOW });
    await session.saves?.flush();
    expect(session.saves?.unsettled().waiting).toBe(1);
    site.answersStatus = 0;
    session.rouse();
    await until(() => site.answers.length === 1);
    expect(session.saves?.unsettled().waiting).toBe(0);
  });

  it("keeps half an emoji at the end of a long error from spoiling all that is sent with it", async () => {
    session.error(`${"x".repeat(499)}\u{1F600}`);
    await session.saves?.flush();
    await until(() => site.entries.some((entry) => entry.error?.endsWith("x\ufffd")));
  });

  it("writes down what happened before it was connected, with the time it happened at", async () => {
    const early = new ExamSession({ ...FACTS, attempt: "another" }, "", () => undefined);
    vi.spyOn(early.media, "begin").mockImplementation(() => undefined);
    early.note("page_visited", { page: "check" });
    const before = early.now();
    await until(() => early.now() > before);
    await early.connect(false);
    await until(() => site.entries.some((entry) => entry.kind === "page_visited"));
    const [visit] = site.entries.filter((entry) => entry.kind === "page_visited");
    expect(visit?.extra).toEqual({ page: "check" });
    expect(Date.parse(visit?.client_at ?? "")).toBeLessThanOrEqual(before);
    early.loseHold();
  });

  it("tells the invigilator that the recording cannot be stored, and that it can again", async () => {
    const { onTrouble } = session.media["options"];
    onTrouble("device_full");
    onTrouble(null);
    await until(() => site.entries.length >= 2);
    const told = site.entries.map((entry) => entry.error);
    expect(told).toEqual([expect.stringContaining("storage is full"), "recording: it is stored again"]);
  });

  it("does not tell again what the missing heartbeat tells: that nothing gets through", async () => {
    site.offline = true;
    session.rouse();
    await until(() => session.connection().kind === "lost");
    const { onTrouble } = session.media["options"];
    onTrouble("not_sent");
    onTrouble(null);
    site.offline = false;
    session.rouse();
    await until(() => session.connection().kind === "online");
    await session.saves?.flush();
    expect(site.entries).toEqual([]);
  });

  it("writes a refusal to the log once, however often it is tried again", async () => {
    site.answersStatus = 404;
    session.answer(QUESTION, "x");
    for (let tries = 0; tries < 3; tries += 1) await session.saves?.flush();
    await session.saves?.flush();
    expect(site.entries.filter((entry) => entry.error === "404 unavailable")).toHaveLength(1);
  });

  it("offers to check in again by the reason of the stop, not by the policy alone", async () => {
    await until(() => site.open.length === 1);
    session.started = true;
    const stopped = { type: "state", state: "stopped", deadline_at: null, server_now: NOW };
    site.open[0]?.push({ ...stopped, reason: "a phone", end_reason: "invigilator" });
    expect(session.overlay()).toEqual({ kind: "stopped", reason: "a phone", end_reason: "invigilator" });
  });

  it("learns the reason of a stop from the heartbeat where a proxy lets no socket through", async () => {
    await until(() => site.open.length === 1);
    session.started = true;
    site.open[0]?.close();
    Object.assign(site, { state: "stopped", said: { reason: "a phone", end_reason: "invigilator" } });
    session.rouse();
    await until(() => session.state === "stopped");
    expect(session.overlay()).toEqual({ kind: "stopped", reason: "a phone", end_reason: "invigilator" });
  });

  it("gets a message from the heartbeat where a proxy lets no socket through, and tells that it was read until that arrived", async () => {
    await until(() => site.open.length === 1);
    session.started = true;
    site.open[0]?.close();
    const message: MessagePush = { type: "message", id: "m1", from: "Ines Duarte", body: "Close the window, please.", at: NOW };
    site.said = { messages: [message] };
    session.rouse();
    await until(() => session.overlay()?.kind === "message");
    site.offline = true;
    session.read("m1");
    session.rouse();
    await until(() => session.connection().kind === "lost");
    Object.assign(site, { offline: false, said: {} });
    session.rouse();
    await until(() => site.beats.some((beat) => beat.messages_read?.includes("m1")));
    const before = site.beats.length;
    session.rouse();
    await until(() => site.beats.length > before);
    expect(site.beats.at(-1)).not.toHaveProperty("messages_read");
    expect(session.inbox.messages).toEqual([expect.objectContaining({ id: "m1", read: true })]);
  });
});
