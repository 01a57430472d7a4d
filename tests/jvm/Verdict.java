import java.net.Socket;
import java.nio.ByteBuffer;
import java.security.KeyStore;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * What this JVM says of a chain in a real handshake, set up as Elasticsearch does it: PKIX trust manager
 * over a key store of the CAs, endpoint identification HTTPS and the peer's host with verification mode full,
 * neither with certificate.
 */
final class Verdict {
    /** Whether the trust manager was content. */
    final boolean accepted;
    /** Its words, empty where it was content. */
    final String words;
    /** Whether a handshake was possible; else the trust manager was asked by itself. */
    final boolean handshake;

    private Verdict(boolean accepted, String words, boolean handshake) {
        this.accepted = accepted;
        this.words = words;
        this.handshake = handshake;
    }

    static Verdict of(List<Cert> chain, PrivateKey key, List<Cert> anchors, String host, String serverName,
                      boolean full) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        int index = 0;
        for (Cert anchor : anchors) {
            store.setCertificateEntry("ca" + index++, anchor.parsed());
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
        factory.init(store);
        Witness witness = new Witness((X509ExtendedTrustManager) factory.getTrustManagers()[0]);
        X509Certificate[] parsed = new X509Certificate[chain.size()];
        try {
            for (int i = 0; i < parsed.length; i++) {
                parsed[i] = chain.get(i).parsed();
            }
        } catch (CertificateException e) {
            return new Verdict(false, "unparsable: " + e.getMessage(), false);
        }
        String failure = shake(witness, parsed, key, host, serverName, full);
        if (witness.asked) {
            return new Verdict(witness.error == null, words(witness.error), true);
        }
        try {
            witness.checkServerTrusted(parsed, "UNKNOWN", new Stub(host, serverName, full));
        } catch (CertificateException e) {
            return new Verdict(false, words(e), false);
        }
        return new Verdict(true, failure, false);
    }

    private static String words(Throwable error) {
        StringBuilder words = new StringBuilder();
        for (Throwable it = error; it != null; it = it.getCause()) {
            words.append(words.isEmpty() ? "" : " > ").append(it.getMessage());
        }
        return words.toString();
    }

    /** Ends when either side is done or fails; what failed first is told. */
    private static String shake(Witness witness, X509Certificate[] chain, PrivateKey key, String host,
                                String serverName, boolean full) throws Exception {
        SSLContext clientContext = SSLContext.getInstance("TLS");
        clientContext.init(null, new TrustManager[] {witness}, null);
        SSLEngine client = full ? clientContext.createSSLEngine(host, 9443) : clientContext.createSSLEngine();
        client.setUseClientMode(true);
        SSLParameters parameters = client.getSSLParameters();
        if (full) {
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
        }
        if (serverName != null) {
            parameters.setServerNames(List.of(new SNIHostName(serverName)));
        }
        client.setSSLParameters(parameters);
        SSLContext serverContext = SSLContext.getInstance("TLS");
        serverContext.init(new KeyManager[] {new Presents(chain, key)}, null, null);
        SSLEngine server = serverContext.createSSLEngine();
        server.setUseClientMode(false);
        ByteBuffer toServer = ByteBuffer.allocate(1 << 18);
        ByteBuffer toClient = ByteBuffer.allocate(1 << 18);
        client.beginHandshake();
        server.beginHandshake();
        try {
            for (int round = 0; round < 60 && !witness.asked; round++) {
                step(client, toClient, toServer);
                step(server, toServer, toClient);
            }
        } catch (Exception e) {
            return words(e);
        }
        return "";
    }

    private static void step(SSLEngine engine, ByteBuffer in, ByteBuffer out) throws Exception {
        in.flip();
        while (true) {
            switch (engine.getHandshakeStatus()) {
                case NEED_TASK -> {
                    for (Runnable task = engine.getDelegatedTask(); task != null; task = engine.getDelegatedTask()) {
                        task.run();
                    }
                    continue;
                }
                case NEED_WRAP -> {
                    if (engine.wrap(ByteBuffer.allocate(0), out).getStatus() == SSLEngineResult.Status.CLOSED) {
                        in.compact();
                        return;
                    }
                    continue;
                }
                case NEED_UNWRAP, NEED_UNWRAP_AGAIN -> {
                    SSLEngineResult result = engine.unwrap(in, ByteBuffer.allocate(1 << 15));
                    if (result.getStatus() != SSLEngineResult.Status.OK) {
                        in.compact();
                        return;
                    }
                    continue;
                }
                default -> {
                    in.compact();
                    return;
                }
            }
        }
    }

    /** Remembers what the trust manager says, as Elasticsearch's DiagnosticTrustManager does. */
    private static final class Witness extends X509ExtendedTrustManager {
        private final X509ExtendedTrustManager manager;
        private boolean asked;
        private CertificateException error;

        private Witness(X509ExtendedTrustManager manager) {
            this.manager = manager;
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
            throws CertificateException {
            asked = true;
            if (engine.getHandshakeSession() instanceof ExtendedSSLSession session) {
                Stub.algorithms = session.getLocalSupportedSignatureAlgorithms();
            }
            try {
                manager.checkServerTrusted(chain, type, engine);
            } catch (CertificateException e) {
                error = e;
                throw e;
            }
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {
            throw new IllegalStateException();
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {
            throw new IllegalStateException();
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {
            throw new IllegalStateException();
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {
            throw new IllegalStateException();
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {
            throw new IllegalStateException();
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return manager.getAcceptedIssuers();
        }
    }

    /** Presents any chain whatever it is worth. */
    private static final class Presents extends X509ExtendedKeyManager {
        private final X509Certificate[] chain;
        private final PrivateKey key;

        private Presents(X509Certificate[] chain, PrivateKey key) {
            this.chain = chain;
            this.key = key;
        }

        @Override
        public String chooseEngineServerAlias(String type, Principal[] issuers, SSLEngine engine) {
            return type.equals(chain[0].getPublicKey().getAlgorithm()) ? "it" : null;
        }

        @Override
        public X509Certificate[] getCertificateChain(String alias) {
            return chain;
        }

        @Override
        public PrivateKey getPrivateKey(String alias) {
            return key;
        }

        @Override
        public String[] getServerAliases(String type, Principal[] issuers) {
            return new String[] {"it"};
        }

        @Override
        public String chooseServerAlias(String type, Principal[] issuers, Socket socket) {
            return null;
        }

        @Override
        public String[] getClientAliases(String type, Principal[] issuers) {
            return null;
        }

        @Override
        public String chooseClientAlias(String[] type, Principal[] issuers, Socket socket) {
            return null;
        }
    }
}
