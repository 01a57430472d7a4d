import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/** Chains put together by chance, each from its seed. */
final class RandomCases {
    private RandomCases() {}

    static Verdicts.Case of(long seed, int index) {
        Random random = new Random(seed * 1_000_003 + index);
        List<Cert> authorities = new ArrayList<>();
        int roots = 1 + random.nextInt(3);
        for (int i = 0; i < roots; i++) {
            // Names are few, so that they collide.
            Cert root = new Cert("CN=r" + random.nextInt(2), key(random)).ca();
            authorities.add(vary(random, root, null));
        }
        int middles = random.nextInt(5);
        for (int i = 0; i < middles; i++) {
            Cert issuer = authorities.get(random.nextInt(authorities.size()));
            Cert middle = new Cert("CN=" + (random.nextInt(6) == 0 ? "r" : "m") + random.nextInt(3), key(random)).by(issuer);
            if (random.nextInt(8) != 0) {
                middle.ca(random.nextInt(3) == 0 ? random.nextInt(2) : -1);
            }
            authorities.add(vary(random, middle, issuer));
        }
        Cert issuer = authorities.get(random.nextInt(authorities.size()));
        if (random.nextInt(2) == 0) {
            issuer = authorities.get(authorities.size() - 1);
        }
        Cert leaf = vary(random, new Cert("CN=server", Keys.ec(9)).by(issuer), issuer);
        if (random.nextInt(8) != 0) {
            leaf.dns(random.nextInt(6) == 0 ? "c.example.org" : "b.example.org");
        }
        if (random.nextInt(6) == 0) {
            leaf.extendedUsage(random.nextBoolean() ? Cert.SERVER_AUTH : Cert.CLIENT_AUTH);
        }
        Verdicts.Case it = new Verdicts.Case("random " + seed + "/" + index).presents(leaf);
        List<Cert> rest = new ArrayList<>(authorities);
        if (random.nextBoolean()) {
            Collections.reverse(rest);
        } else {
            Collections.shuffle(rest, random);
        }
        if (random.nextInt(3) != 0) {
            // As a server presents it: from issuer to issuer.
            rest = ordered(issuer, authorities);
        }
        for (Cert cert : rest) {
            if (random.nextInt(6) != 0) {
                it.presents(cert);
            }
        }
        for (Cert cert : authorities) {
            if (random.nextInt(3) == 0) {
                it.trusts(cert);
            }
        }
        if (it.anchors.isEmpty()) {
            it.trusts(authorities.get(0));
        }
        if (random.nextInt(20) == 0) {
            it.trusts(leaf);
        }
        return it;
    }

    private static List<Cert> ordered(Cert issuer, List<Cert> authorities) {
        List<Cert> out = new ArrayList<>();
        Cert next = issuer;
        while (next != null && !out.contains(next)) {
            out.add(next);
            Cert last = next;
            next = null;
            for (Cert cert : authorities) {
                if (java.util.Arrays.equals(cert.subject, last.issuerName) && cert.key == last.signer) {
                    next = cert;
                }
            }
        }
        return out;
    }

    private static java.security.KeyPair key(Random random) {
        return random.nextInt(10) == 0 ? Keys.rsa(random.nextBoolean() ? 2048 : 1024, random.nextInt(2))
            : Keys.ec(random.nextInt(6));
    }

    private static Cert vary(Random random, Cert cert, Cert issuer) {
        switch (random.nextInt(24)) {
            case 0 -> cert.days(-20, -1);
            case 1 -> cert.days(1, 20);
            case 2 -> cert.version(1);
            case 3 -> cert.usage(0, 2);
            case 4 -> cert.extension("1.2.3.4", true, new byte[] {5, 0});
            case 5 -> cert.broken();
            case 6 -> cert.constraints(new byte[][] {Der.ia5(0x82, "example.org")}, new byte[0][]);
            case 7 -> cert.constraints(new byte[0][], new byte[][] {Der.ia5(0x82, "b.example.org")});
            case 8 -> cert.algorithm(cert.signer.getPrivate().getAlgorithm().equals("RSA") ? "SHA1withRSA"
                : "SHA1withECDSA");
            case 9, 10, 11 -> cert.usage(0, 5, 6);
            default -> { }
        }
        switch (random.nextInt(4)) {
            case 0 -> cert.keyId();
            case 1 -> {
                cert.keyId();
                if (issuer != null) {
                    cert.authority(issuer);
                }
            }
            case 2 -> {
                if (issuer != null && random.nextInt(3) == 0) {
                    cert.authority(new byte[] {1, 2, 3});
                }
            }
            default -> { }
        }
        return cert;
    }
}
