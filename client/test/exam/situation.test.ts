import { describe, expect, it } from "vitest";

import { aside, corners, inside, moved } from "../../src/exam/camera-place";
import { ConnectionWatch } from "../../src/exam/connection";
import { clientPolicy } from "../../src/exam/facts";
import { type Situation, mayReturn, overlayOf } from "../../src/exam/overlay";
import { Announcer, secondsLeft, spoken } from "../../src/exam/timer";

const CALM: Situation = {
  state: "in_progress",
  started: true,
  reason: "",
  end_reason: "",
  taken_over: false,
  reconnect_s: null,
  lost_at_ms: null,
  input_blocked: false,
  lost_device: null,
  second_display: false,
  full_screen_s: null,
  warning: null,
  message: null,
};
const MESSAGE = { id: "1", from: "Ines", body: "Five minutes" };

describe("what covers the exam", () => {
  it("is nothing while all is well, before Start, and while merely interrupted", () => {
    expect(overlayOf(CALM)).toBeNull();
    expect(overlayOf({ ...CALM, state: "entering", started: false, full_screen_s: 3 })).toBeNull();
    expect(overlayOf({ ...CALM, state: "interrupted" })).toBeNull();
  });

  it.each([
    [{ state: "voided", taken_over: true }, "voided"],
    [{ state: "handed_in" }, "ended"],
    [{ state: "timed_out" }, "ended"],
    [{ taken_over: true, state: "stopped" }, "elsewhere"],
    [{ state: "stopped", reconnect_s: 3, lost_at_ms: 1, input_blocked: true }, "stopped"],
    [{ state: "paused", full_screen_s: 2 }, "paused"],
    [{ reconnect_s: 100, lost_at_ms: 1, input_blocked: true, message: MESSAGE }, "reconnecting"],
    [{ lost_device: { what: "screen", cause: "device_lost" }, second_display: true }, "device_lost"],
    [{ second_display: true, full_screen_s: 0 }, "display"],
    [{ full_screen_s: 0, warning: "display" }, "full_screen"],
    [{ warning: "full_screen", message: MESSAGE }, "warning"],
    [{ message: MESSAGE }, "message"],
  ] as [Partial<Situation>, string][])("of %j is %s: the gravest first", (facts, kind) => {
    expect(overlayOf({ ...CALM, ...facts })?.kind).toBe(kind);
  });

  it("is nothing while reconnecting when the policy lets the candidate go on typing", () => {
    expect(overlayOf({ ...CALM, reconnect_s: 60, lost_at_ms: 1, input_blocked: false })).toBeNull();
  });
});

describe("checking in again after a stop", () => {
  it.each([
    ["off", "connection_lost", true],
    ["off", "candidate", true],
    ["off", "", true],
    ["off", "invigilator", false],
    ["off", "rule", true],
    ["approval", "connection_lost", false],
  ])("with re-entry %s after a stop by %j is %s, as on the server", (prevent_reentry, end_reason, offered) => {
    expect(mayReturn(prevent_reentry, end_reason)).toBe(offered);
  });
});

describe("the connection", () => {
  const rules = clientPolicy({}).conn;

  it("counts the two minutes from the last accepted heartbeat", () => {
    const watch = new ConnectionWatch(rules, 0);
    watch.heard(1_000);
    watch.failed();
    expect(watch.at(3_000)).toEqual({ kind: "lost", since_ms: 1_000 });
    expect(watch.secondsLeft(18_000)).toBe(103);
    expect(watch.secondsLeft(500_000)).toBe(0);
  });

  it("blocks typing after 15 s, and not at all when the policy allows it", () => {
    const watch = new ConnectionWatch(rules, 0);
    watch.failed();
    expect(watch.inputBlocked(14_999)).toBe(false);
    expect(watch.inputBlocked(15_000)).toBe(true);
    const lenient = new ConnectionWatch({ ...rules, offline_input: "allow" }, 0);
    lenient.failed();
    expect(lenient.inputBlocked(60_000)).toBe(false);
  });

  it("is lost when nothing was heard for 15 s, and back with the first answer", () => {
    const watch = new ConnectionWatch(rules, 0);
    expect(watch.at(14_999).kind).toBe("online");
    expect(watch.at(15_000).kind).toBe("lost");
    watch.heard(16_000);
    expect(watch.secondsLeft(16_000)).toBeNull();
  });
});

describe("the timer", () => {
  it("never goes below zero and rounds up, so that 0:00 is the end", () => {
    expect(secondsLeft(10_000, 9_500)).toBe(1);
    expect(secondsLeft(10_000, 12_000)).toBe(0);
    expect(secondsLeft(null, 1)).toBeNull();
  });

  it("says 30, 10, 5 and 1 minute once each", () => {
    const announcer = new Announcer();
    const said = [];
    for (let left = 1900; left >= 0; left -= 1) {
      const words = announcer.at(left);
      if (words) said.push(words);
    }
    expect(said).toEqual(["30 minutes left", "10 minutes left", "5 minutes left", "1 minute left"]);
  });

  it("says it again after extra time, and only the nearest after a sleep", () => {
    const announcer = new Announcer();
    announcer.at(301);
    expect(announcer.at(300)).toBe("5 minutes left");
    announcer.at(900);
    expect(announcer.at(40)).toBe("1 minute left");
  });

  it("reads aloud in whole words", () => {
    expect(spoken(3429)).toBe("57 minutes 9 seconds");
    expect(spoken(7200)).toBe("2 hours");
    expect(spoken(0)).toBe("0 seconds");
  });
});

describe("the camera tool", () => {
  const view = { left: 0, top: 0, width: 1000, height: 800 };
  const tool = { left: 780, top: 600, width: 200, height: 180 };

  it("moves by 16 px with the arrow keys and stays in the window", () => {
    expect(moved("ArrowLeft", tool, view)).toEqual({ left: 764, top: 600 });
    expect(moved("ArrowDown", { ...tool, top: 605 }, view)).toEqual({ left: 780, top: 608 });
    expect(moved("a", tool, view)).toBeNull();
  });

  it("reaches every corner with Home and End", () => {
    const seen = new Set<string>();
    let place = inside(tool, tool, view);
    for (let step = 0; step < 4; step += 1) {
      place = moved("End", { ...tool, ...place }, view) ?? place;
      seen.add(`${place.left},${place.top}`);
    }
    expect([...seen].sort()).toEqual(corners(tool, view).map((corner) => `${corner.left},${corner.top}`).sort());
    expect(moved("Home", { ...tool, ...(corners(tool, view)[0] ?? place) }, view)).toEqual(corners(tool, view)[3]);
  });

  it("goes to the nearest corner that leaves the focused field free, and nowhere when it is free already", () => {
    const field = { left: 300, top: 550, width: 690, height: 240 };
    expect(aside(tool, field, view)).toEqual(corners(tool, view)[1]);
    expect(aside(tool, { left: 0, top: 0, width: 50, height: 50 }, view)).toBeNull();
    expect(aside(tool, view, view)).toBeNull();
  });
});

describe("the policy as the client knows it", () => {
  it("takes what is sent and the product's default for the rest", () => {
    const policy = clientPolicy({ conn: { heartbeat_s: 2 } });
    expect(policy.conn).toMatchObject({ heartbeat_s: 2, reconnect_window_s: 120 });
    expect(policy.lock.full_screen).toBe("moderate");
  });
});
