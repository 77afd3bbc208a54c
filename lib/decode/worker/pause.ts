/** A pause: whoever has to respect it waits until it is over. */
export class Pause {
  #waiting: (() => void)[] = [];
  #isOn = false;

  get isOn(): boolean {
    return this.#isOn;
  }

  begin(): void {
    this.#isOn = true;
  }

  end(): void {
    this.#isOn = false;
    for (const resume of this.#waiting.splice(0)) resume();
  }

  /** Resolves while there is no pause: at once, or when it ends. */
  async over(): Promise<void> {
    while (this.#isOn) {
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
      });
    }
  }
}
