import { setTimeout as pause } from "node:timers/promises";
import { FlowtaskError, NoAnswer } from "./errors.ts";

export interface RetryPolicy {
  tries: number;
  /** A `Retry-After` beyond this is for a person to decide: the limit on passcodes says up to a day. */
  longestWaitSeconds: number;
  sleep(seconds: number): Promise<void>;
}

export const DEFAULT_POLICY: RetryPolicy = {
  tries: 5,
  longestWaitSeconds: 60,
  sleep: (seconds) => pause(seconds * 1000),
};

/** What `action` gives. It is called again, with the number of the attempt, after 429, 503 and lost answers. */
export async function retrying<T>(policy: RetryPolicy, action: (attempt: number) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await action(attempt);
    } catch (error) {
      const seconds = secondsToWait(error, attempt);
      if (seconds > policy.longestWaitSeconds || attempt === policy.tries) throw error;
      await policy.sleep(seconds);
    }
  }
}

function secondsToWait(error: unknown, attempt: number): number {
  const backoff = 0.1 * 2 ** attempt;
  if (error instanceof NoAnswer) return backoff;
  if (!(error instanceof FlowtaskError)) return Infinity;
  return error.status === 429 || error.status === 503 ? (error.retryAfterSeconds ?? backoff) : Infinity;
}
