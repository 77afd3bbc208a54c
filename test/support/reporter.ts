import Mocha from 'mocha';

/** Mocha's own spec report, closed by the plain line `N passed, N failed`. */
class Reporter extends Mocha.reporters.Spec {
  override done(failures: number, exit: (failures: number) => void): void {
    const { passes, pending } = this.stats;
    const skipped = pending > 0 ? `, ${pending} skipped` : '';
    console.log(`${passes} passed, ${failures} failed${skipped}`);
    exit(failures);
  }
}

export = Reporter;
