import { noteBlankCredentials } from '../../common/editor/credentials';
import { Dialog } from '../../common/editor/dialog';
import { prepareTabs } from '../../common/editor/tabs';
import { propertiesIn, textsOf } from '../../common/editor/texts';
import { brokerRanges } from '../../common/ranges';
import { prepareTest } from './connection-test';

const type = 'kafka-frame-broker';
const text = textsOf(type);
const { checked, named, number } = propertiesIn(text);

RED.nodes.registerType(type, {
  category: 'config',
  color: '#D8BFD8',
  icon: 'kafka-frame-broker.svg',
  defaults: {
    name: { value: '' },
    brokers: {
      ...checked('brokers', 'localhost:9092', 'brokers', (value) => /^\s*[^\s,]+(\s*,\s*[^\s,]+)*\s*$/.test(value)),
      required: true,
    },
    clientId: { value: '' },
    tls: named('tls', { type: 'tls-config', required: false }),
    saslMechanism: { value: 'none' },
    tokenUrl: checked('tokenUrl', '', 'tokenUrl', (value) => value === '' || /^https?:\/\/|\$\{/i.test(value)),
    scope: { value: '' },
    connectionTimeout: number('connectionTimeout', 3000, brokerRanges.connectionTimeout),
    requestTimeout: number('requestTimeout', 15000, brokerRanges.requestTimeout),
  },
  credentials: {
    username: { type: 'text' },
    password: { type: 'password' },
    token: { type: 'password' },
  },
  label() {
    return this.name || String(this.brokers || '') || text('label.type');
  },
  oneditprepare() {
    const dialog = new Dialog('node-config-input');
    noteBlankCredentials(this, { texts: ['username'], passwords: ['password', 'token'] });
    prepareTabs(type, text);
    prepareSecurity(dialog);
    prepareTest(this, dialog);
  },
});

/** Shows the credentials each mechanism needs. OAuth client ID and secret share the username and password fields. */
function prepareSecurity(dialog: Dialog): void {
  const fields = ['saslMechanism', 'tokenUrl'];
  const hasOauth = () => dialog.value('saslMechanism') === 'oauthbearer';
  const hasTokenUrl = () => hasOauth() && dialog.value('tokenUrl') !== '';
  const hasPassword = () => hasTokenUrl() || !['none', 'oauthbearer'].includes(dialog.value('saslMechanism'));
  dialog.showWhen('.kafka-frame-broker-oauth', fields, hasOauth);
  dialog.showWhen('.kafka-frame-broker-password', fields, hasPassword);
  dialog.showWhen('.kafka-frame-broker-scope', fields, hasTokenUrl);
  dialog.showWhen('.kafka-frame-broker-token', fields, () => hasOauth() && !hasTokenUrl());
  dialog.showWhen('.kafka-frame-broker-user', fields, () => !hasTokenUrl());
  dialog.showWhen('.kafka-frame-broker-client', fields, hasTokenUrl);
}
