import type { Egress } from '@tidemark/egress';
import { createTransport } from 'nodemailer';
import { EmailConfig } from '../../alerts/contract.ts';
import type { OutgoingNotice } from '../../ports/index.ts';

const TIMEOUT_MS = 20_000;

/** Sends a notice by SMTP, over a connection that the egress policy allowed. @throws when the server did not accept it */
export async function sendMail(egress: Egress, outgoing: OutgoingNotice, signal: AbortSignal): Promise<void> {
  const config = EmailConfig.parse(outgoing.config);
  const { socket } = await egress.connect({ host: config.host, port: config.port, timeout_ms: TIMEOUT_MS }, signal);
  const auth = config.user === undefined ? {} : { auth: { user: config.user, pass: config.password ?? '' } };
  const times = { connectionTimeout: TIMEOUT_MS, greetingTimeout: TIMEOUT_MS, socketTimeout: TIMEOUT_MS };
  const transport = createTransport({ host: config.host, port: config.port, secure: config.secure, connection: socket, ...auth, ...times });
  const { notice, id } = outgoing;
  try {
    await transport.sendMail({
      from: config.from,
      to: [...config.to],
      subject: notice.title.replaceAll(/[\r\n]+/g, ' '),
      text: `${notice.title}\n\n${notice.text}\n`,
      messageId: `<${id}@tidemark>`,
      disableFileAccess: true,
      disableUrlAccess: true,
    });
  } finally {
    transport.close();
    socket.destroy();
  }
}
