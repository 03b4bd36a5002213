import { defineConfig } from "vitest/config";

const PATIENT_MS = 60_000; // a busy machine needs its time; how long a test takes says nothing about the client

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    environment: "node",
    testTimeout: PATIENT_MS,
    hookTimeout: PATIENT_MS,
  },
});
