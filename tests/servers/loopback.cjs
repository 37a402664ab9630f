// A preload: the dev-env has no option for the address to listen on, and would listen on all of them.
// With LISTEN_PORT, what is asked to listen on PORT listens there instead: a relay has PORT, and is what the
// accounts' DID documents name, so that a client which follows them cannot walk round the relay.
'use strict'
const net = require('node:net')

const listen = net.Server.prototype.listen
const { PORT, LISTEN_PORT } = process.env

net.Server.prototype.listen = function (where, ...rest) {
  const options = typeof where === 'object' && where !== null ? { ...where } : { port: Number(where) }
  if (LISTEN_PORT && String(options.port) === PORT) options.port = Number(LISTEN_PORT)
  options.host = '127.0.0.1'
  return listen.call(this, options, ...rest.filter((word) => typeof word === 'function'))
}
