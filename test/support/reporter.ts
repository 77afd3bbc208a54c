import Mocha from 'mocha';

/** Ms after the last test in which everything that was opened is to be closed. */
const patience = 20_000;

/**
 * Mocha's own spec report, closed by the plain line `N passed, N failed`. Whatever a test left open would keep the process
 * for ever: it is named, and counts as a failure.
 */
class Reporter extends Mocha.reporters.Spec {
  override done(failures: number, exit: (failures: number) => void): void {
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
