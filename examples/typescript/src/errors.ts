/** Flowtask refused: its status, its own words, and after how many seconds to come back, if it said so. */
export class FlowtaskError extends Error {
  override readonly name = "FlowtaskError";
  readonly status: number;
  readonly retryAfterSeconds: number | undefined;

  constructor(status: number, message: string, retryAfterSeconds?: number) {
    super(message);
    this.status = status;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** No whole answer came. Flowtask may have done what was asked, or not. */
export class NoAnswer extends Error {
  override readonly name = "NoAnswer";
}
