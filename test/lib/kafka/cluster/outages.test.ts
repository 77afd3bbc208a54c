import assert from 'node:assert/strict';
import { type ErrorCode, VideoError } from '../../../../lib/errors';
import { Outages } from '../../../../lib/kafka/cluster/outages';

describe('Outages', () => {
  const open = () => {
    const told: string[] = [];
    const outages = new Outages({
      onOutage: ({ error }) => told.push(error.message),
      onRecovered: () => told.push('recovered'),
    });
    const fail = (code: ErrorCode, message: string, topic?: string) =>
      outages.failed(new VideoError(code, message), topic);
    return { outages, told, fail };
  };

  it('tells a lost connection once, whatever each try says', () => {
    const { outages, told, fail } = open();
    fail('BROKER_UNREACHABLE', 'refused');
    fail('BROKER_UNREACHABLE', 'timed out');
    fail('SEND_FAILED', 'stumbled');
    outages.succeeded();
    assert.deepEqual(told, ['refused', 'recovered']);
  });

  it('tells anew when the cause of a refusal has changed', () => {
    const { told, fail } = open();
    fail('TLS_FAILED', 'unknown authority');
    fail('TLS_FAILED', 'unknown authority');
    fail('TLS_FAILED', 'expired');
    fail('LOGIN_REFUSED', 'wrong password');
    assert.deepEqual(told, ['unknown authority', 'expired', 'wrong password']);
  });

  it('keeps the trouble of one topic while another is fine', () => {
    const { outages, told, fail } = open();
    fail('TOPIC_MISSING', 'no a', 'a');
    fail('TOPIC_MISSING', 'no b', 'b');
    outages.succeeded('b');
    assert.equal(outages.current?.error.message, 'no a');
    outages.succeeded('a');
    assert.deepEqual(told, ['no a', 'no b', 'recovered']);
  });

  it('knows an outage from what never worked', () => {
    const seen: boolean[] = [];
    const outages = new Outages({ onOutage: ({ hadWorked }) => seen.push(hadWorked), onRecovered() {} });
    const error = new VideoError('BROKER_UNREACHABLE', 'refused');
    outages.failed(error);
    outages.succeeded();
    outages.failed(error);
    assert.deepEqual(seen, [false, true]);
  });
});
