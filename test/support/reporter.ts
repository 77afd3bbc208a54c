import Mocha from 'mocha';

/** Ms after the last test in which everything that was opened is to be closed. */
const patience = 20_000;

/**
 * Mocha's own spec report, closed by the plain line `N passed, N failed`. What passed only when it was tried again is
 * told before it. Whatever a test left open would keep the process for ever: it is named, and counts as a failure.
 */
class Reporter extends Mocha.reporters.Spec {
  /** By the name of the test, what its first try failed with. */
  readonly #firstTries = new Map<string, Error>();
  readonly #passedAgain: string[] = [];

  constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
    super(runner, options);
    runner.on('retry', (test, error) => this.#firstTries.set(test.fullTitle(), error));
    runner.on('pass', (test) => {
      if (this.#firstTries.has(test.fullTitle())) this.#passedAgain.push(test.fullTitle());
    });
  }

  override done(failures: number, exit: (failures: number) => void): void {
    for (const name of this.#passedAgain) console.log(`${name}, at first: ${this.#firstTries.get(name)?.stack}\n`);
    const { length } = this.#passedAgain;
    const tests = length === 1 ? 'browser test' : 'browser tests';
    if (length > 0) console.log(`${length} ${tests} passed only when tried again: ${this.#passedAgain.join('; ')}`);
    const { passes, pending } = this.stats;
    const skipped = pending > 0 ? `, ${pending} skipped` : '';
    console.log(`${passes} passed, ${failures} failed${skipped}`);
    exit(failures);
    setTimeout(() => {
      console.error(`The tests are over, but something was left open: ${process.getActiveResourcesInfo().join(', ')}`);
      process.exit(failures || 1);
    }, patience).unref();
  }
}

export = Reporter;
