import { ownNamespace } from '../../collect/environment.ts';
import { usageError } from '../../core/errors.ts';
import { EXIT, type ExitStatus } from '../../core/exit-status.ts';
import type { HostReader } from '../../core/ports.ts';
import { stdioChannel } from '../../host/channel.ts';
import { hostClock } from '../../host/clock.ts';
import { hostDialing } from '../../host/dialing.ts';
import { hostExec } from '../../host/exec.ts';
import { hostListening } from '../../host/listening.ts';
import { ownProgram } from '../../host/own-program.ts';
import { hostPrograms } from '../../host/programs.ts';
import { hostReader } from '../../host/reader.ts';
import { hostWriter } from '../../host/writer.ts';
import { runBench } from '../../lab/bench.ts';
import { runClients } from '../../lab/clients.ts';
import { inOwnNamespace } from '../../lab/own-namespace.ts';

const INODE = /^\d+$/;

/** They set sysctls and links: in the network namespace of whoever started the lab they would change the host. */
function checkNamespace(reader: HostReader, startedIn: string): void {
  const own = ownNamespace(reader);
  if (own !== '' && INODE.test(startedIn) && own !== startedIn) return;
  throw usageError('lab-agent is started by the lab, in a network namespace of its own, and by nobody else');
}

/**
 * The parts of the lab that stand in network namespaces of their own. They talk over standard input and output, and end
 * when that does.
 */
export async function runLabAgent(
  role: string,
  startedIn: string,
  serverPid: string | undefined,
): Promise<ExitStatus> {
  const reader = hostReader();
  checkNamespace(reader, startedIn);
  const exec = hostExec();
  const channel = stdioChannel();
  if (role === 'clients' && serverPid !== undefined) {
    await runClients(channel, { reader, exec, dialing: hostDialing() }, Number(serverPid));
    return EXIT.done;
  }
  if (role !== 'bench') throw usageError('lab-agent is started by the lab, and by nobody else');
  const ports = {
    reader,
    exec,
    clock: hostClock(),
    writer: hostWriter(),
    listening: hostListening(),
    programs: hostPrograms(),
  };
  const clients = inOwnNamespace(
    [],
    [...ownProgram(), 'lab-agent', 'clients', ownNamespace(reader), String(process.pid)],
  );
  await runBench(channel, ports, clients);
  return EXIT.done;
}
