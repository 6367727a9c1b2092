/** What tedious exports, as far as it matters here. */
type Driver = typeof import('tedious');

/**
 * tedious goes on in the open when TLS was asked for and the server, or who answers in its name, says that it has
 * none (lib/connection.js, `performTlsNegotiation`): the password would be there for all to read. ODBC gives up, and
 * so does this driver, before anything of the login is sent.
 */
export function refusingPlainText(tedious: Driver): Driver {
  class Connection extends tedious.Connection {
    override performTlsNegotiation(
      ...[answer, signal]: Parameters<InstanceType<Driver['Connection']>['performTlsNegotiation']>
    ): Promise<void> {
      // "strict" has TLS before the first word.
      if (this.config.options.encrypt === true && !['ON', 'REQ'].includes(answer.encryptionString))
        return Promise.reject(new tedious.ConnectionError('the server offers no encryption', 'EENCRYPT'));
      return super.performTlsNegotiation(answer, signal);
    }
  }
  return { ...tedious, Connection };
}
