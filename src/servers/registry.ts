import { actixWeb } from './data/actix-web.ts';
import { aiohttp } from './data/aiohttp.ts';
import { apacheHttpd } from './data/apache-httpd.ts';
import { asyncio } from './data/asyncio.ts';
import { banditThousandIsland } from './data/bandit-thousand-island.ts';
import { beanstalkd } from './data/beanstalkd.ts';
import { bind9 } from './data/bind9.ts';
import { bun } from './data/bun.ts';
import { caddy } from './data/caddy.ts';
import { cassandra } from './data/cassandra.ts';
import { clickhouse } from './data/clickhouse.ts';
import { coturn } from './data/coturn.ts';
import { cowboyRanch } from './data/cowboy-ranch.ts';
import { cups } from './data/cups.ts';
import { deno } from './data/deno.ts';
import { dnsmasq } from './data/dnsmasq.ts';
import { dockerProxy } from './data/docker-proxy.ts';
import { dockerRegistry } from './data/docker-registry.ts';
import { dovecot } from './data/dovecot.ts';
import { elasticsearch } from './data/elasticsearch.ts';
import { envoy } from './data/envoy.ts';
import { epmd } from './data/epmd.ts';
import { erlangGenTcp } from './data/erlang-gen-tcp.ts';
import { etcd } from './data/etcd.ts';
import { exim } from './data/exim.ts';
import { gevent } from './data/gevent.ts';
import { goNet } from './data/go-net.ts';
import { grpcCore } from './data/grpc-core.ts';
import { grpcJava } from './data/grpc-java.ts';
import { gunicorn } from './data/gunicorn.ts';
import { h2o } from './data/h2o.ts';
import { haproxy } from './data/haproxy.ts';
import { hitch } from './data/hitch.ts';
import { hypercorn } from './data/hypercorn.ts';
import { javaServersocket } from './data/java-serversocket.ts';
import { jetty } from './data/jetty.ts';
import { kafka } from './data/kafka.ts';
import { kestrel } from './data/kestrel.ts';
import { knot } from './data/knot.ts';
import { lighttpd } from './data/lighttpd.ts';
import { mariadb } from './data/mariadb.ts';
import { memcached } from './data/memcached.ts';
import { mongodb } from './data/mongodb.ts';
import { mosquitto } from './data/mosquitto.ts';
import { mysql } from './data/mysql.ts';
import { nats } from './data/nats.ts';
import { netty } from './data/netty.ts';
import { nginx } from './data/nginx.ts';
import { nginxUnit } from './data/nginx-unit.ts';
import { nodeExporter } from './data/node-exporter.ts';
import { nodejs } from './data/nodejs.ts';
import { openbsdInetd } from './data/openbsd-inetd.ts';
import { openssh } from './data/openssh.ts';
import { perlIoSocket } from './data/perl-io-socket.ts';
import { pgbouncer } from './data/pgbouncer.ts';
import { pgpool2 } from './data/pgpool2.ts';
import { phpCliServer } from './data/php-cli-server.ts';
import { phpFpm } from './data/php-fpm.ts';
import { phpStreams } from './data/php-streams.ts';
import { postfix } from './data/postfix.ts';
import { postgresql } from './data/postgresql.ts';
import { proftpd } from './data/proftpd.ts';
import { prometheus } from './data/prometheus.ts';
import { prosody } from './data/prosody.ts';
import { puma } from './data/puma.ts';
import { pureFtpd } from './data/pure-ftpd.ts';
import { pythonSocket } from './data/python-socket.ts';
import { pythonSocketserver } from './data/python-socketserver.ts';
import { rabbitmq } from './data/rabbitmq.ts';
import { redis } from './data/redis.ts';
import { rubyTcpserver } from './data/ruby-tcpserver.ts';
import { rustStd } from './data/rust-std.ts';
import { samba } from './data/samba.ts';
import { slapd } from './data/slapd.ts';
import { socat } from './data/socat.ts';
import { squid } from './data/squid.ts';
import { stunnel } from './data/stunnel.ts';
import { systemdSocket } from './data/systemd-socket.ts';
import { thin } from './data/thin.ts';
import { tinyproxy } from './data/tinyproxy.ts';
import { tokioMio } from './data/tokio-mio.ts';
import { tomcat } from './data/tomcat.ts';
import { tornado } from './data/tornado.ts';
import { traefik } from './data/traefik.ts';
import { twemproxy } from './data/twemproxy.ts';
import { twisted } from './data/twisted.ts';
import { unbound } from './data/unbound.ts';
import { undertow } from './data/undertow.ts';
import { unicorn } from './data/unicorn.ts';
import { uvicorn } from './data/uvicorn.ts';
import { uwsgi } from './data/uwsgi.ts';
import { varnish } from './data/varnish.ts';
import { vertx } from './data/vertx.ts';
import { vsftpd } from './data/vsftpd.ts';
import { waitress } from './data/waitress.ts';
import { werkzeug } from './data/werkzeug.ts';
import { zookeeper } from './data/zookeeper.ts';
import type { ServerEntry } from './server-entry.ts';

/** Every server that we know, by id. */
export const SERVERS: readonly ServerEntry[] = [
  actixWeb,
  aiohttp,
  apacheHttpd,
  asyncio,
  banditThousandIsland,
  beanstalkd,
  bind9,
  bun,
  caddy,
  cassandra,
  clickhouse,
  coturn,
  cowboyRanch,
  cups,
  deno,
  dnsmasq,
  dockerProxy,
  dockerRegistry,
  dovecot,
  elasticsearch,
  envoy,
  epmd,
  erlangGenTcp,
  etcd,
  exim,
  gevent,
  goNet,
  grpcCore,
  grpcJava,
  gunicorn,
  h2o,
  haproxy,
  hitch,
  hypercorn,
  javaServersocket,
  jetty,
  kafka,
  kestrel,
  knot,
  lighttpd,
  mariadb,
  memcached,
  mongodb,
  mosquitto,
  mysql,
  nats,
  netty,
  nginx,
  nginxUnit,
  nodeExporter,
  nodejs,
  openbsdInetd,
  openssh,
  perlIoSocket,
  pgbouncer,
  pgpool2,
  phpCliServer,
  phpFpm,
  phpStreams,
  postfix,
  postgresql,
  proftpd,
  prometheus,
  prosody,
  puma,
  pureFtpd,
  pythonSocket,
  pythonSocketserver,
  rabbitmq,
  redis,
  rubyTcpserver,
  rustStd,
  samba,
  slapd,
  socat,
  squid,
  stunnel,
  systemdSocket,
  thin,
  tinyproxy,
  tokioMio,
  tomcat,
  tornado,
  traefik,
  twemproxy,
  twisted,
  unbound,
  undertow,
  unicorn,
  uvicorn,
  uwsgi,
  varnish,
  vertx,
  vsftpd,
  waitress,
  werkzeug,
  zookeeper,
];

const BY_ID: ReadonlyMap<string, ServerEntry> = new Map(SERVERS.map((server) => [server.id, server]));

/** null for an id of another version of this program, or of a snapshot that a person wrote. */
export function findServer(id: string): ServerEntry | null {
  return BY_ID.get(id) ?? null;
}
