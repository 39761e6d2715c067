export { isOurHost } from './host-header.ts'
export { listen } from './listen.ts'
export { urlHosts } from './url-host.ts'
