/** What pause closes: whoever wants to pass waits until it is open. */
export class Gate {
  #waiting: (() => void)[] = [];
  #closed = false;

  close(): void {
    this.#closed = true;
  }

  open(): void {
    this.#closed = false;
    for (const pass of this.#waiting.splice(0)) pass();
  }

  async pass(): Promise<void> {
    while (this.#closed) {
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
      });
    }
  }
}
