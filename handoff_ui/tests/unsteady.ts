import type { Reporter, TestCase } from 'vitest/node';

/** Names each test that passed only when it was run again: an error of the page or of the test, to be mended. */
export default class Unsteady implements Reporter {
  onTestCaseResult(test: TestCase): void {
    if (test.diagnostic()?.flaky !== true) return;
    const why = test
      .result()
      .errors?.map(({ message }) => message.split('\n')[0])
      .join('; ');
    console.log(`UNSTEADY ${test.module.relativeModuleId} > ${test.fullName}: ${why ?? ''}`);
  }
}
