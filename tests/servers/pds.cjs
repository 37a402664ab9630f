// node pds.cjs plc     a PLC directory in memory, on PORT
// node pds.cjs pds     a Bluesky PDS with its data in DATA, on PORT; PLC_URL names the directory
// Two processes, so that a PDS can be killed and come back and still find the accounts' DIDs in the directory.
'use strict'
const fs = require('node:fs')
const path = require('node:path')
// The parts by their own files: the package's front door loads the AppView and Ozone too, twice the time.
const part = (name) => require(path.join(process.env.NODE_MODULES, '@atproto/dev-env/dist', name))

const port = Number(process.env.PORT)
const starts = {
  plc: () => part('plc').TestPlc.create({ port }),
  pds: async () => {
    fs.mkdirSync(path.join(process.env.DATA, 'pds'), { recursive: true })
    const pds = await part('pds').TestPds.create({
      port,
      didPlcUrl: process.env.PLC_URL,
      dataDirectory: path.join(process.env.DATA, 'pds'),
      blobstoreDiskLocation: path.join(process.env.DATA, 'blobs'),
      plcRotationKeyK256PrivateKeyHex: process.env.ROTATION_KEY,
      enableDidDocWithSession: true, // as bsky.social does; clients then follow the document's PDS address
    })
    part('util').mockNetworkUtilities(pds) // resolves *.test handles here instead of in the DNS
    return pds
  },
}

starts[process.argv[2]]().then((server) => {
  console.log(JSON.stringify({ url: server.url }))
  process.on('SIGTERM', () => server.close().then(() => process.exit(0)))
})
