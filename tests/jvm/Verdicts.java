import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.security.PrivateKey;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * Prints, one JSON object a line, chains and what this JVM says of them. First argument: seed of the
 * random chains; second: how many.
 */
final class Verdicts {
    static final class Case {
        final String name;
        final List<Cert> chain = new ArrayList<>();
        final List<Cert> anchors = new ArrayList<>();
        String host = "b.example.org";
        String serverName;

        Case(String name) {
            this.name = name;
        }

        Case presents(Cert... certs) {
            chain.addAll(List.of(certs));
            return this;
        }

        Case trusts(Cert... certs) {
            anchors.addAll(List.of(certs));
            return this;
        }

        Case host(String host) {
            this.host = host;
            return this;
        }

        Case serverName(String serverName) {
            this.serverName = serverName;
            return this;
        }
    }

    private static final PrintStream OUT = new PrintStream(System.out, true, StandardCharsets.UTF_8);

    private Verdicts() {}

    public static void main(String[] arguments) throws Exception {
        for (Case it : Cases.all()) {
            print(it);
        }
        long seed = Long.parseLong(arguments[0]);
        int count = Integer.parseInt(arguments[1]);
        for (int index = 0; index < count; index++) {
            print(RandomCases.of(seed, index));
        }
    }

    private static void print(Case it) throws Exception {
        PrivateKey key = it.chain.get(0).key.getPrivate();
        Verdict certificate = Verdict.of(it.chain, key, it.anchors, it.host, it.serverName, false);
        // Nothing that is refused whatever the host is called is accepted under some name.
        Verdict full = certificate.accepted
            ? Verdict.of(it.chain, key, it.anchors, it.host, it.serverName, true)
            : certificate;
        OUT.println("{\"name\":" + text(it.name) + ",\"host\":" + text(it.host) + ",\"server_name\":"
            + (it.serverName == null ? "null" : text(it.serverName)) + ",\"chain\":" + list(it.chain)
            + ",\"anchors\":" + list(it.anchors) + ",\"full\":" + verdict(full) + ",\"certificate\":"
            + verdict(certificate) + "}");
    }

    private static String verdict(Verdict it) {
        return "{\"accepted\":" + it.accepted + ",\"handshake\":" + it.handshake + ",\"words\":" + text(it.words) + "}";
    }

    private static String list(List<Cert> certs) {
        List<String> out = new ArrayList<>();
        for (Cert cert : certs) {
            out.add("\"" + Base64.getEncoder().encodeToString(cert.der()) + "\"");
        }
        return "[" + String.join(",", out) + "]";
    }

    private static String text(String text) {
        StringBuilder out = new StringBuilder("\"");
        for (char character : text.toCharArray()) {
            if (character < ' ' || character == '"' || character == '\\' || character > '~') {
                out.append(String.format("\\u%04x", (int) character));
            } else {
                out.append(character);
            }
        }
        return out.append('"').toString();
    }
}
