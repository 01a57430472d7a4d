import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.interfaces.DSAKey;
import java.security.interfaces.ECKey;
import java.security.interfaces.EdECKey;
import java.security.interfaces.RSAKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Chains that each show one thing. */
final class Cases {
    private static final String HOST = "b.example.org";
    private static final byte[][] NONE = {};
    private static List<Verdicts.Case> all;

    private Cases() {}

    static List<Verdicts.Case> all() {
        all = new ArrayList<>();
        paths();
        keyIdentifiers();
        constraints();
        pathLengths();
        usages();
        dates();
        algorithms();
        names();
        nameConstraints();
        oddities();
        return all;
    }

    private static Verdicts.Case add(String name) {
        Verdicts.Case it = new Verdicts.Case(name);
        all.add(it);
        return it;
    }

    static Cert root(int key) {
        return new Cert("CN=root", Keys.ec(key)).ca().usage(5, 6).keyId();
    }

    static Cert middle(String name, int key, Cert issuer) {
        return new Cert("CN=" + name, Keys.ec(key)).by(issuer).ca().usage(5, 6).keyId().authority(issuer);
    }

    static Cert leaf(Cert issuer) {
        return new Cert("CN=server", Keys.ec(9)).by(issuer).dns(HOST).keyId().authority(issuer);
    }

    private static void paths() {
        Cert root = root(0);
        Cert other = new Cert("CN=other", Keys.ec(1)).ca().usage(5).keyId();
        Cert middle = middle("middle", 2, root);
        Cert lower = middle("lower", 3, middle);
        Cert leaf = leaf(root);
        Cert deep = leaf(lower);
        add("leaf by root").presents(leaf).trusts(root);
        add("leaf and root").presents(leaf, root).trusts(root);
        add("root twice").presents(leaf, root, root).trusts(root);
        add("leaf twice").presents(leaf, leaf).trusts(root);
        add("leaf twice and root").presents(leaf, leaf, root).trusts(root);
        add("unknown root").presents(leaf).trusts(other);
        add("unknown root, presented").presents(leaf, root).trusts(other);
        add("nothing fits, intermediate").presents(deep, lower, middle).trusts(other);
        add("two intermediates").presents(deep, lower, middle).trusts(root);
        add("two intermediates and root").presents(deep, lower, middle, root).trusts(root);
        add("any order").presents(deep, middle, lower).trusts(root);
        add("root first").presents(deep, root, middle, lower).trusts(root);
        add("superfluous at the end").presents(deep, lower, middle, other).trusts(root);
        add("superfluous in between").presents(deep, other, lower, middle).trusts(root);
        add("superfluous after the root").presents(leaf, root, other).trusts(root);
        add("intermediate missing").presents(deep, lower).trusts(root);
        add("intermediate missing in the middle").presents(deep, middle).trusts(root);
        add("all intermediates missing").presents(deep).trusts(root);
        add("intermediate is the anchor").presents(deep, lower).trusts(middle);
        add("lower intermediate is the anchor").presents(deep, lower, middle, root).trusts(lower);
        add("lower intermediate is the anchor, alone").presents(deep).trusts(lower);
        add("leaf is the anchor").presents(deep).trusts(deep);
        add("leaf is the anchor, chain presented").presents(deep, lower, middle).trusts(deep);
        add("several anchors").presents(deep, lower, middle).trusts(other, root);
        add("several anchors, one an intermediate").presents(deep, lower, middle).trusts(other, middle, root);
        Cert self = new Cert("CN=server", Keys.ec(9)).dns(HOST);
        Cert renewed = new Cert("CN=server", Keys.ec(8)).dns(HOST);
        Cert same = new Cert("CN=server", Keys.ec(9)).dns(HOST).days(-1, 200);
        add("self-signed, trusted").presents(self).trusts(self);
        add("self-signed, unknown").presents(self).trusts(root);
        add("self-signed, renewed with a new key").presents(renewed).trusts(self);
        add("self-signed, renewed with the old key").presents(same).trusts(self);
        Cert selfCa = new Cert("CN=server", Keys.ec(9)).dns(HOST).ca().keyId();
        Cert selfCaAgain = new Cert("CN=server", Keys.ec(9)).dns(HOST).ca().keyId().days(-1, 200);
        add("self-signed CA as leaf, trusted").presents(selfCa).trusts(selfCa);
        add("self-signed CA as leaf, renewed with the old key").presents(selfCaAgain).trusts(selfCa);
        add("self-signed CA as leaf, unknown").presents(selfCa).trusts(root);
        Cert oldRoot = root(5);
        add("same name, other key").presents(leaf).trusts(oldRoot);
        add("same name, other key, root presented").presents(leaf, root).trusts(oldRoot);
        add("same name, other key, both").presents(leaf).trusts(oldRoot, root);
        add("same name, other key, both, other order").presents(leaf).trusts(root, oldRoot);
        Cert plainRoot = new Cert("CN=root", Keys.ec(0)).ca();
        Cert plainOther = new Cert("CN=root", Keys.ec(5)).ca();
        Cert plainLeaf = new Cert("CN=server", Keys.ec(9)).by(plainRoot).dns(HOST);
        add("same name, other key, no key ids").presents(plainLeaf).trusts(plainOther);
        add("same name, other key, no key ids, root presented").presents(plainLeaf, plainRoot).trusts(plainOther);
        add("same name, other key, no key ids, both").presents(plainLeaf).trusts(plainOther, plainRoot);
        Cert sameKey = new Cert("CN=root", Keys.ec(0)).ca().keyId().days(-2, 300);
        add("root renewed with the same key").presents(leaf).trusts(sameKey);
        add("root renewed with the same key, old one presented").presents(leaf, root).trusts(sameKey);
        Cert cross = new Cert("CN=root", Keys.ec(0)).by(other).ca().usage(5).keyId().authority(other);
        add("cross-signed, other root trusted").presents(leaf, cross).trusts(other);
        add("cross-signed, own root trusted").presents(leaf, cross).trusts(root);
        add("cross-signed, own root presented too").presents(leaf, root, cross).trusts(other);
        add("cross-signed, reversed").presents(leaf, cross, root).trusts(other);
        Cert expiredCross = new Cert("CN=root", Keys.ec(0)).by(other).ca().keyId().authority(other).days(-20, -5);
        add("expired cross certificate, own root trusted").presents(leaf, expiredCross).trusts(root);
        add("expired cross certificate, both trusted").presents(leaf, expiredCross).trusts(root, other);
        add("expired cross certificate, other root trusted").presents(leaf, expiredCross).trusts(other);
        add("expired cross certificate out of order").presents(leaf, other, expiredCross).trusts(root, other);
        Cert middleAgain = new Cert("CN=middle", Keys.ec(2)).by(other).ca().usage(5).keyId().authority(other);
        add("intermediate with two issuers").presents(leaf(middle), middle, middleAgain).trusts(other);
        add("intermediate with two issuers, other order").presents(leaf(middle), middleAgain, middle).trusts(root);
        Cert forged = new Cert("CN=server", Keys.ec(9)).by(root).signedBy(Keys.ec(6)).dns(HOST);
        add("signature of another key").presents(forged).trusts(root);
        add("signature of another key, with key ids").presents(
            new Cert("CN=server", Keys.ec(9)).by(root).signedBy(Keys.ec(6)).dns(HOST).authority(root)).trusts(root);
        add("broken signature").presents(leaf(root).broken()).trusts(root);
        add("broken signature of an intermediate").presents(
            leaf(middle), middle("middle", 2, root).broken()).trusts(root);
        add("anchor with broken self-signature").presents(leaf).trusts(root(0).broken());
        Cert seven = root;
        List<Cert> long6 = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            seven = middle("m" + i, 10 + i, seven);
            long6.add(0, seven);
        }
        Cert far = leaf(seven);
        List<Cert> five = long6.subList(1, 6);
        Cert nearer = leaf(long6.get(1));
        add("six intermediates in order").presents(far).presents(long6.toArray(new Cert[0])).trusts(root);
        add("six intermediates out of order").presents(far).presents(reversed(long6)).trusts(root);
        add("five intermediates out of order").presents(nearer).presents(reversed(five)).trusts(root);
        add("the upper of two same-named intermediates").presents(
            leaf(middle), new Cert("CN=middle", Keys.ec(7)).by(root).ca().keyId(), middle).trusts(root);
        add("no intermediate, same-named one").presents(
            leaf(middle), new Cert("CN=middle", Keys.ec(7)).by(root).ca().keyId()).trusts(root);
        add("no intermediate, same-named one without key id").presents(
            leaf(middle), new Cert("CN=middle", Keys.ec(7)).by(root).ca()).trusts(root);
        Cert loopA = new Cert("CN=a", Keys.ec(2)).signedBy(Keys.ec(3)).ca();
        loopA.issuerName = new Cert("CN=b", Keys.ec(3)).subject;
        Cert loopB = new Cert("CN=b", Keys.ec(3)).by(loopA).ca();
        add("a circle").presents(leaf(loopA), loopA, loopB).trusts(root);
        add("anchor issued by another, not presented").presents(leaf(middle)).trusts(middle);
        add("the anchors' names in other cases").presents(
            new Cert("CN=server", Keys.ec(9)).by(new Cert("cn=ROOT", Keys.ec(0))).dns(HOST)).trusts(root);
        byte[] utf8 = Der.sequence(Der.set(Der.sequence(Der.oid("2.5.4.3"),
            Der.tagged(0x0c, "root".getBytes(StandardCharsets.UTF_8)))));
        add("the anchor's name in another string type").presents(
            new Cert("CN=server", Keys.ec(9)).by(new Cert(utf8, Keys.ec(0))).dns(HOST)).trusts(root);
        byte[] spaces = Der.sequence(Der.set(Der.sequence(Der.oid("2.5.4.3"),
            Der.tagged(0x0c, "  ROOT ".getBytes(StandardCharsets.UTF_8)))));
        add("the anchor's name with spaces").presents(
            new Cert("CN=server", Keys.ec(9)).by(new Cert(spaces, Keys.ec(0))).dns(HOST)).trusts(root);
    }

    private static Cert[] reversed(List<Cert> list) {
        List<Cert> out = new ArrayList<>(list);
        java.util.Collections.reverse(out);
        return out.toArray(new Cert[0]);
    }

    private static void keyIdentifiers() {
        Cert root = root(0);
        byte[] foreign = {1, 2, 3, 4};
        Cert bare = new Cert("CN=root", Keys.ec(0)).ca();
        Cert wrongId = new Cert("CN=server", Keys.ec(9)).by(root).dns(HOST).authority(foreign);
        add("authority key id of another").presents(wrongId).trusts(root);
        add("authority key id of another, root presented").presents(wrongId, root).trusts(root);
        add("authority key id, anchor without one").presents(wrongId).trusts(bare);
        add("no authority key id").presents(new Cert("CN=server", Keys.ec(9)).by(root).dns(HOST)).trusts(root);
        add("empty authority key id").presents(
            new Cert("CN=server", Keys.ec(9)).by(root).dns(HOST).extension("2.5.29.35", false, Der.sequence()))
            .trusts(root);
        Cert numbered = new Cert("CN=root", Keys.ec(0)).ca().serial(77);
        add("authority serial that fits").presents(
            new Cert("CN=server", Keys.ec(9)).by(numbered).dns(HOST).authoritySerial(numbered.subject, 77))
            .trusts(numbered);
        add("authority serial of another").presents(
            new Cert("CN=server", Keys.ec(9)).by(numbered).dns(HOST).authoritySerial(numbered.subject, 78))
            .trusts(numbered);
        add("authority serial of another, anchor of version 1").presents(
            new Cert("CN=server", Keys.ec(9)).by(numbered).dns(HOST).authoritySerial(numbered.subject, 78))
            .trusts(new Cert("CN=root", Keys.ec(0)).version(1).serial(77));
        Cert middle = new Cert("CN=middle", Keys.ec(2)).by(root).ca().keyId(foreign).authority(root);
        add("intermediate with another key id than named, in order").presents(leaf(middle), middle).trusts(root);
        add("intermediate with another key id than named, superfluous before")
            .presents(leaf(middle), new Cert("CN=x", Keys.ec(4)).ca(), middle).trusts(root);
        Cert odd = new Cert("CN=middle", Keys.ec(2)).by(root).ca().keyId().authority(foreign);
        add("intermediate that names another key id for its issuer").presents(leaf(odd), odd).trusts(root);
        add("intermediate that names another key id for its issuer, superfluous before")
            .presents(leaf(odd), new Cert("CN=x", Keys.ec(4)).ca(), odd).trusts(root);
    }

    private static void constraints() {
        Cert v1 = new Cert("CN=root", Keys.ec(0)).version(1);
        Cert none = new Cert("CN=root", Keys.ec(0));
        Cert not = new Cert("CN=root", Keys.ec(0)).notCa();
        Cert usageOnly = new Cert("CN=root", Keys.ec(0)).usage(5);
        Cert noUsage = new Cert("CN=root", Keys.ec(0)).ca();
        Cert wrongUsage = new Cert("CN=root", Keys.ec(0)).ca().usage(0, 2);
        Cert emptyUsage = new Cert("CN=root", Keys.ec(0)).ca().usage();
        for (Object[] it : new Object[][] {{"version 1", v1}, {"no basic constraints", none},
            {"CA:FALSE", not}, {"keyCertSign only", usageOnly}, {"no key usage", noUsage},
            {"key usage without keyCertSign", wrongUsage}, {"empty key usage", emptyUsage},
            {"path length 0", new Cert("CN=root", Keys.ec(0)).ca(0)},
            {"extended key usage clientAuth", new Cert("CN=root", Keys.ec(0)).ca().extendedUsage(Cert.CLIENT_AUTH)},
            {"unknown critical extension", new Cert("CN=root", Keys.ec(0)).ca()
                .extension("1.2.3.4", true, new byte[] {5, 0})},
            {"basic constraints not critical", new Cert("CN=root", Keys.ec(0))
                .extension("2.5.29.19", false, Der.sequence(Der.bool(true)))}}) {
            Cert anchor = (Cert) it[1];
            add("anchor: " + it[0]).presents(new Cert("CN=server", Keys.ec(9)).by(anchor).dns(HOST)).trusts(anchor);
            add("anchor, presented: " + it[0])
                .presents(new Cert("CN=server", Keys.ec(9)).by(anchor).dns(HOST), anchor).trusts(anchor);
            Cert lower = new Cert("CN=lower", Keys.ec(3)).by(anchor).ca();
            add("anchor of an intermediate, built: " + it[0])
                .presents(new Cert("CN=server", Keys.ec(9)).by(lower).dns(HOST), new Cert("CN=x", Keys.ec(4)), lower)
                .trusts(anchor);
        }
        Cert root = root(0);
        for (Object[] it : new Object[][] {
            {"version 1", new Cert("CN=middle", Keys.ec(2)).by(root).version(1)},
            {"no basic constraints", new Cert("CN=middle", Keys.ec(2)).by(root)},
            {"CA:FALSE", new Cert("CN=middle", Keys.ec(2)).by(root).notCa()},
            {"keyCertSign only", new Cert("CN=middle", Keys.ec(2)).by(root).usage(5)},
            {"no key usage", new Cert("CN=middle", Keys.ec(2)).by(root).ca()},
            {"key usage without keyCertSign", new Cert("CN=middle", Keys.ec(2)).by(root).ca().usage(0, 2)},
            {"extended key usage clientAuth",
                new Cert("CN=middle", Keys.ec(2)).by(root).ca().extendedUsage(Cert.CLIENT_AUTH)},
            {"unknown critical extension", new Cert("CN=middle", Keys.ec(2)).by(root).ca()
                .extension("1.2.3.4", true, new byte[] {5, 0})},
            {"unknown extension", new Cert("CN=middle", Keys.ec(2)).by(root).ca()
                .extension("1.2.3.4", false, new byte[] {5, 0})},
            {"basic constraints not critical", new Cert("CN=middle", Keys.ec(2)).by(root)
                .extension("2.5.29.19", false, Der.sequence(Der.bool(true)))},
            {"critical policies", new Cert("CN=middle", Keys.ec(2)).by(root).ca()
                .extension("2.5.29.32", true, Der.sequence(Der.sequence(Der.oid("2.5.29.32.0"))))},
            {"policy constraints", new Cert("CN=middle", Keys.ec(2)).by(root).ca()
                .extension("2.5.29.36", true, Der.sequence(Der.tagged(0x80, new byte[] {0})))},
            {"inhibit any policy", new Cert("CN=middle", Keys.ec(2)).by(root).ca()
                .extension("2.5.29.54", true, Der.integer(0))}}) {
            Cert middle = (Cert) it[1];
            Cert leaf = new Cert("CN=server", Keys.ec(9)).by(middle).dns(HOST);
            add("intermediate: " + it[0]).presents(leaf, middle).trusts(root);
            add("intermediate, built: " + it[0]).presents(leaf, new Cert("CN=x", Keys.ec(4)), middle).trusts(root);
            add("intermediate as anchor: " + it[0]).presents(leaf, middle).trusts(middle);
        }
        Cert rollover = new Cert("CN=root", Keys.ec(2)).by(root).version(1);
        add("self-issued version 1 below the anchor").presents(
            new Cert("CN=server", Keys.ec(9)).by(rollover).dns(HOST), rollover).trusts(root);
    }

    private static void pathLengths() {
        for (int length = 0; length < 3; length++) {
            for (int below = 0; below < 4; below++) {
                Cert root = root(0);
                Cert limited = new Cert("CN=limited", Keys.ec(1)).by(root).ca(length);
                Cert issuer = limited;
                List<Cert> chain = new ArrayList<>(List.of(limited));
                for (int i = 0; i < below; i++) {
                    issuer = middle("m" + i, 10 + i, issuer);
                    chain.add(0, issuer);
                }
                Cert leaf = leaf(issuer);
                add("path length " + length + ", " + below + " below").presents(leaf)
                    .presents(chain.toArray(new Cert[0])).trusts(root);
                add("path length " + length + ", " + below + " below, built").presents(leaf)
                    .presents(new Cert("CN=x", Keys.ec(4))).presents(chain.toArray(new Cert[0])).trusts(root);
                add("path length " + length + " of the anchor, " + below + " below").presents(leaf)
                    .presents(chain.subList(0, chain.size() - 1).toArray(new Cert[0])).trusts(limited);
            }
        }
        Cert root = root(0);
        Cert limited = new Cert("CN=limited", Keys.ec(1)).by(root).ca(0);
        Cert again = new Cert("CN=limited", Keys.ec(2)).by(limited).ca();
        add("path length 0, a self-issued one below").presents(leaf(again), again, limited).trusts(root);
        add("path length 0, a CA as leaf").presents(
            new Cert("CN=server", Keys.ec(9)).by(limited).dns(HOST).ca(), limited).trusts(root);
    }

    private static void usages() {
        Cert root = root(0);
        String[][] extended = {{Cert.SERVER_AUTH}, {Cert.CLIENT_AUTH}, {Cert.ANY_USAGE},
            {Cert.CLIENT_AUTH, Cert.SERVER_AUTH}, {"1.3.6.1.5.5.7.3.3"}, {"1.3.6.1.4.1.311.10.3.3"},
            {"2.16.840.1.113730.4.1"}, {"1.2.3.4"}};
        for (String[] usage : extended) {
            add("extended key usage " + String.join(" ", usage)).presents(leaf(root).extendedUsage(usage)).trusts(root);
        }
        Cert client = leaf(root).extendedUsage(Cert.CLIENT_AUTH);
        add("extended key usage clientAuth, leaf is the anchor").presents(client).trusts(client);
        add("critical extended key usage").presents(leaf(root).extension("2.5.29.37", true,
            Der.sequence(Der.oid(Cert.SERVER_AUTH)))).trusts(root);
        int[][] usages = {{0}, {2}, {4}, {0, 2}, {1}, {5}, {5, 6}, {}, {3}, {0, 4, 8}};
        for (int[] usage : usages) {
            add("key usage " + java.util.Arrays.toString(usage)).presents(leaf(root).usage(usage)).trusts(root);
            Cert rsa = new Cert("CN=server", Keys.rsa(2048, 9)).by(root).dns(HOST).usage(usage);
            add("key usage of RSA " + java.util.Arrays.toString(usage)).presents(rsa).trusts(root);
        }
        add("leaf is a CA").presents(leaf(root).ca()).trusts(root);
        add("leaf is a CA with keyCertSign only").presents(leaf(root).ca().usage(5, 6)).trusts(root);
        add("leaf with unknown critical extension").presents(
            leaf(root).extension("1.2.3.4", true, new byte[] {5, 0})).trusts(root);
        add("leaf with unknown extension").presents(
            leaf(root).extension("1.2.3.4", false, new byte[] {5, 0})).trusts(root);
        Cert unknown = leaf(root).extension("1.2.3.4", true, new byte[] {5, 0});
        add("leaf with unknown critical extension is the anchor").presents(unknown).trusts(unknown);
        add("leaf with Netscape type for clients").presents(
            leaf(root).extension("2.16.840.1.113730.1.1", false, Der.namedBits(0))).trusts(root);
        add("leaf with Netscape type for servers").presents(
            leaf(root).extension("2.16.840.1.113730.1.1", false, Der.namedBits(1))).trusts(root);
        add("leaf with critical Netscape type").presents(
            leaf(root).extension("2.16.840.1.113730.1.1", true, Der.namedBits(1))).trusts(root);
        add("leaf with a critical CRL distribution point").presents(leaf(root).extension("2.5.29.31", true,
            Der.sequence(Der.sequence(Der.tagged(0xa0, Der.tagged(0xa0, Der.ia5(0x86, "http://crl/"))))))).trusts(root);
        add("leaf that must staple").presents(leaf(root).extension("1.3.6.1.5.5.7.1.24", false,
            Der.sequence(Der.integer(5)))).trusts(root);
        add("leaf that must staple, critical").presents(leaf(root).extension("1.3.6.1.5.5.7.1.24", true,
            Der.sequence(Der.integer(5)))).trusts(root);
        add("leaf with critical key ids").presents(new Cert("CN=server", Keys.ec(9)).by(root).dns(HOST)
            .extension("2.5.29.35", true, Der.sequence(Der.tagged(0x80, Cert.hash(root.key))))).trusts(root);
        add("leaf with critical authority information").presents(leaf(root).extension("1.3.6.1.5.5.7.1.1", true,
            Der.sequence(Der.sequence(Der.oid("1.3.6.1.5.5.7.48.1"), Der.ia5(0x86, "http://ocsp/"))))).trusts(root);
        add("leaf with critical policies").presents(leaf(root).extension("2.5.29.32", true,
            Der.sequence(Der.sequence(Der.oid("1.2.3.4"))))).trusts(root);
        add("version 1 leaf").presents(new Cert("CN=b.example.org", Keys.ec(9)).by(root).version(1)).trusts(root);
        add("version 2 leaf").presents(new Cert("CN=b.example.org", Keys.ec(9)).by(root).version(2)).trusts(root);
    }

    private static void dates() {
        Cert root = root(0);
        Cert expiredRoot = new Cert("CN=root", Keys.ec(0)).ca().days(-20, -1);
        Cert futureRoot = new Cert("CN=root", Keys.ec(0)).ca().days(1, 20);
        Cert expired = new Cert("CN=server", Keys.ec(9)).by(root).dns(HOST).days(-20, -1);
        Cert future = new Cert("CN=server", Keys.ec(9)).by(root).dns(HOST).days(1, 20);
        add("expired leaf").presents(expired).trusts(root);
        add("future leaf").presents(future).trusts(root);
        add("expired leaf, root presented").presents(expired, root).trusts(root);
        add("expired leaf is the anchor").presents(expired).trusts(expired);
        add("future leaf is the anchor").presents(future).trusts(future);
        add("expired leaf of an unknown root").presents(expired).trusts(root(5));
        Cert plain = new Cert("CN=server", Keys.ec(9)).by(root).dns(HOST);
        add("expired anchor").presents(plain).trusts(expiredRoot);
        add("expired anchor, presented").presents(plain, expiredRoot).trusts(expiredRoot);
        add("future anchor").presents(plain).trusts(futureRoot);
        add("expired root presented, valid one trusted").presents(plain, expiredRoot).trusts(root);
        add("expired root presented, out of order").presents(plain, new Cert("CN=x", Keys.ec(4)), expiredRoot)
            .trusts(root);
        Cert lower = new Cert("CN=lower", Keys.ec(3)).by(expiredRoot).ca();
        add("expired anchor, built").presents(
            new Cert("CN=server", Keys.ec(9)).by(lower).dns(HOST), new Cert("CN=x", Keys.ec(4)), lower)
            .trusts(expiredRoot);
        Cert v1Expired = new Cert("CN=root", Keys.ec(0)).version(1).days(-20, -1);
        add("expired anchor of version 1").presents(plain).trusts(v1Expired);
        add("expired anchor of version 1, built").presents(
            new Cert("CN=server", Keys.ec(9)).by(lower).dns(HOST), new Cert("CN=x", Keys.ec(4)), lower)
            .trusts(v1Expired);
        for (int[] days : new int[][] {{-20, -1}, {1, 20}}) {
            Cert middle = new Cert("CN=middle", Keys.ec(2)).by(root).ca().days(days[0], days[1]);
            Cert leaf = new Cert("CN=server", Keys.ec(9)).by(middle).dns(HOST);
            String when = days[1] < 0 ? "expired" : "future";
            add(when + " intermediate").presents(leaf, middle).trusts(root);
            add(when + " intermediate, built").presents(leaf, new Cert("CN=x", Keys.ec(4)), middle).trusts(root);
            add(when + " intermediate is the anchor").presents(leaf, middle).trusts(middle);
            Cert valid = new Cert("CN=middle", Keys.ec(2)).by(root).ca();
            add(when + " intermediate beside a valid one").presents(leaf, middle, valid).trusts(root);
            add("valid intermediate beside one " + when).presents(leaf, valid, middle).trusts(root);
        }
        Cert endless = new Cert("CN=server", Keys.ec(9)).by(root).dns(HOST);
        endless.to = Instant.parse("9999-12-31T23:59:59Z");
        add("without end").presents(endless).trusts(root);
    }

    private static void algorithms() {
        KeyPair[] roots = {Keys.ec("secp384r1"), Keys.ec("secp521r1"), Keys.rsa(2048, 0), Keys.rsa(3072, 0),
            Keys.rsa(1024, 0), Keys.rsa(512, 0), Keys.of("Ed25519", "", 0), Keys.of("Ed448", "", 0),
            Keys.of("RSASSA-PSS", "2048", 0), Keys.of("DSA", "2048", 0), Keys.of("DSA", "1024", 0),
            Keys.rsa(1023, 0), Keys.rsa(1536, 0)};
        for (KeyPair key : roots) {
            Cert root = new Cert("CN=root", key).ca().keyId();
            String what = key.getPublic().getAlgorithm() + " " + size(key);
            add("root with " + what).presents(new Cert("CN=server", Keys.ec(9)).by(root).dns(HOST)).trusts(root);
            Cert middle = new Cert("CN=middle", Keys.ec(2)).by(root).ca();
            add("root with " + what + " over an intermediate").presents(
                new Cert("CN=server", Keys.ec(9)).by(middle).dns(HOST), middle).trusts(root);
            Cert ec = root(0);
            add("leaf with " + what).presents(new Cert("CN=server", key).by(ec).dns(HOST)).trusts(ec);
            Cert self = new Cert("CN=server", key).dns(HOST);
            add("pinned leaf with " + what).presents(self).trusts(self);
            Cert between = new Cert("CN=middle", key).by(ec).ca();
            add("intermediate with " + what).presents(
                new Cert("CN=server", Keys.ec(9)).by(between).dns(HOST), between).trusts(ec);
        }
        String[] rsa = {"MD2withRSA", "MD5withRSA", "SHA1withRSA", "SHA224withRSA", "SHA256withRSA", "SHA384withRSA",
            "SHA512withRSA", "PSS-SHA-256", "PSS-SHA-384", "PSS-SHA-512"};
        for (String algorithm : rsa) {
            signed(algorithm, Keys.rsa(2048, 0));
            if (algorithm.startsWith("SHA")) {
                signed(algorithm, Keys.rsa(1024, 0));
            }
        }
        for (String algorithm : new String[] {"SHA1withECDSA", "SHA224withECDSA", "SHA384withECDSA",
            "SHA512withECDSA"}) {
            signed(algorithm, Keys.ec(0));
        }
        signed("SHA1withECDSA", Keys.ec("secp384r1"));
        signed("SHA256withECDSA", Keys.ec("secp521r1"));
        signed("SHA1withDSA", Keys.of("DSA", "1024", 0));
        signed("PSS-SHA-256", Keys.of("RSASSA-PSS", "2048", 0));
    }

    private static void signed(String algorithm, KeyPair key) {
        String what = algorithm + " by " + key.getPublic().getAlgorithm() + " " + size(key);
        Cert root = new Cert("CN=root", key).ca();
        try {
            Cert leaf = new Cert("CN=server", Keys.ec(9)).by(root).dns(HOST).algorithm(algorithm);
            leaf.der();
            add("signed with " + what).presents(leaf).trusts(root);
            add("signed with " + what + ", pinned").presents(leaf).trusts(leaf);
            add("signed with " + what + ", root too").presents(leaf).trusts(
                new Cert("CN=root", key).ca().algorithm(algorithm));
            Cert middle = new Cert("CN=middle", Keys.ec(2)).by(root).ca().algorithm(algorithm);
            add("intermediate signed with " + what).presents(
                new Cert("CN=server", Keys.ec(9)).by(middle).dns(HOST), middle).trusts(root);
            add("intermediate signed with " + what + ", anchor").presents(
                new Cert("CN=server", Keys.ec(9)).by(middle).dns(HOST), middle).trusts(middle);
        } catch (IllegalStateException e) {
            // This JVM cannot make such a signature.
        }
    }

    private static String size(KeyPair key) {
        if (key.getPublic() instanceof RSAKey it) {
            return Integer.toString(it.getModulus().bitLength());
        }
        if (key.getPublic() instanceof DSAKey it) {
            return Integer.toString(it.getParams().getP().bitLength());
        }
        if (key.getPublic() instanceof ECKey it) {
            return Integer.toString(it.getParams().getOrder().bitLength());
        }
        return ((EdECKey) key.getPublic()).getParams().getName();
    }

    private static void names() {
        Cert root = root(0);
        String[][] cases = {
            {"b.example.org", "b.example.org"}, {"b.example.org", "B.EXAMPLE.ORG"}, {"B.Example.org", "b.example.org"},
            {"b.example.org", "*.example.org"}, {"x.b.example.org", "*.example.org"}, {"example.org", "*.example.org"},
            {"b.example.org", "*.org"}, {"example.org", "*.org"}, {"b", "*"}, {"b", "b"}, {"b", "*b"}, {"b", "*."},
            {"b.example.org", "b*.example.org"}, {"bee.example.org", "b*e.example.org"},
            {"bee.example.org", "*ee.example.org"}, {"bee.example.org", "b*b.example.org"},
            {"bee.example.org", "**.example.org"}, {"b.example.org", "*.*.org"}, {"b.example.org", "b.*.org"},
            {"b.example.org", "b.example.*"}, {"b.example.org", "b.example.org."}, {"b.example.org.", "b.example.org"},
            {"b.example.org", " b.example.org"}, {"b.example.org", "b_.example.org"}, {"b_1.example.org", "b_1.example.org"},
            {"b_1.example.org", "*.example.org"}, {"b.example.org", ""}, {"b.example.org", "c.example.org"},
            {"localhost", "localhost"}, {"127.0.0.1", "127.0.0.1"}, {"127.0.0.1", "*"}, {"xn--mller-kva.example.org",
                "xn--mller-kva.example.org"}, {"xn--mller-kva.example.org", "*.example.org"},
            {"xn--mller-kva.example.org", "xn--*.example.org"}, {"b.example.org", "*b*.example.org"},
            {"abab.example.org", "*ab.example.org"}, {"aab.example.org", "*ab*b.example.org"},
            {"b.example.org", "b.example.org:9443"}, {"b.example.org", "https://b.example.org"},
            {"1.2.3", "1.2.3"}, {"b.example.org", ".example.org"}, {"b-.example.org", "b-.example.org"},
            {"-b.example.org", "-b.example.org"}, {"b..example.org", "b..example.org"}};
        for (String[] it : cases) {
            add("host " + it[0] + ", dNSName " + it[1]).host(it[0])
                .presents(new Cert("CN=server", Keys.ec(9)).by(root).dns(it[1])).trusts(root);
            try {
                Cert named = new Cert("CN=\"" + it[1] + "\"", Keys.ec(9)).by(root);
                add("host " + it[0] + ", CN " + it[1]).host(it[0]).presents(named).trusts(root);
            } catch (IllegalArgumentException e) {
                // No such name.
            }
        }
        add("CN fits, dNSName does not").presents(new Cert("CN=b.example.org", Keys.ec(9)).by(root).dns("c.example.org"))
            .trusts(root);
        add("CN fits, IP address only").presents(new Cert("CN=b.example.org", Keys.ec(9)).by(root).ip("10.0.0.5"))
            .trusts(root);
        add("CN fits, mail only").presents(new Cert("CN=b.example.org", Keys.ec(9)).by(root).mail("a@b.org"))
            .trusts(root);
        add("two CNs, the last fits").presents(new Cert("CN=b.example.org, CN=other", Keys.ec(9)).by(root)).trusts(root);
        add("two CNs, the first fits").presents(new Cert("CN=other, CN=b.example.org", Keys.ec(9)).by(root)).trusts(root);
        add("CN in an outer part").presents(new Cert("OU=x, CN=b.example.org, O=y", Keys.ec(9)).by(root)).trusts(root);
        add("no names at all").presents(new Cert("O=x", Keys.ec(9)).by(root)).trusts(root);
        add("empty subject, critical names").presents(new Cert("", Keys.ec(9)).by(root).dns(HOST).criticalNames())
            .trusts(root);
        add("empty subject, names not critical").presents(new Cert("", Keys.ec(9)).by(root).dns(HOST)).trusts(root);
        add("empty subject, no names").presents(new Cert("", Keys.ec(9)).by(root)).trusts(root);
        add("several names").presents(new Cert("CN=server", Keys.ec(9)).by(root).dns("a", "c.example.org", HOST))
            .trusts(root);
        String[][] addresses = {{"10.0.0.5", "10.0.0.5"}, {"10.0.0.5", "10.0.0.6"}, {"2001:db8::5", "2001:db8::5"},
            {"2001:db8:0:0::5", "2001:db8::5"}, {"[2001:db8::5]", "2001:db8::5"}, {"2001:db8::6", "2001:db8::5"},
            {"::ffff:10.0.0.5", "10.0.0.5"}};
        for (String[] it : addresses) {
            add("host " + it[0] + ", iPAddress " + it[1]).host(it[0])
                .presents(new Cert("CN=server", Keys.ec(9)).by(root).ip(it[1])).trusts(root);
        }
        add("IP address as CN").host("10.0.0.5").presents(new Cert("CN=10.0.0.5", Keys.ec(9)).by(root)).trusts(root);
        add("IP address as URI").host("10.0.0.5").presents(
            new Cert("CN=server", Keys.ec(9)).by(root).uri("https://10.0.0.5")).trusts(root);
        add("server name fits, host does not").host("10.0.0.5").serverName(HOST).presents(leaf(root)).trusts(root);
        add("server name fits, host name does not").host("c.example.org").serverName(HOST).presents(leaf(root))
            .trusts(root);
        add("host fits, server name does not").serverName("c.example.org").presents(leaf(root)).trusts(root);
        add("neither fits").host("d.example.org").serverName("c.example.org").presents(leaf(root)).trusts(root);
        add("name mismatch, leaf is the anchor").host("c.example.org").presents(leaf(root)).trusts(leaf(root));
        Cert pinned = leaf(root);
        add("name mismatch, leaf is the only anchor").host("c.example.org").presents(pinned).trusts(pinned);
    }

    private static byte[] dnsTree(String name) {
        return Der.ia5(0x82, name);
    }

    private static byte[] ipTree(String address, String mask) {
        try {
            return Der.tagged(0x87, InetAddress.getByName(address).getAddress(), InetAddress.getByName(mask).getAddress());
        } catch (java.net.UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] nameTree(String name) {
        return Der.tagged(0xa4, new javax.security.auth.x500.X500Principal(name).getEncoded());
    }

    private static void nameConstraints() {
        Object[][] trees = {
            {"permits example.org", new byte[][] {dnsTree("example.org")}, NONE},
            {"permits .example.org", new byte[][] {dnsTree(".example.org")}, NONE},
            {"permits b.example.org", new byte[][] {dnsTree("b.example.org")}, NONE},
            {"permits ple.org", new byte[][] {dnsTree("ple.org")}, NONE},
            {"permits EXAMPLE.ORG", new byte[][] {dnsTree("EXAMPLE.ORG")}, NONE},
            {"permits other.org", new byte[][] {dnsTree("other.org")}, NONE},
            {"permits other.org and example.org", new byte[][] {dnsTree("other.org"), dnsTree("example.org")}, NONE},
            {"permits x.b.example.org", new byte[][] {dnsTree("x.b.example.org")}, NONE},
            {"permits every name", new byte[][] {dnsTree("")}, NONE},
            {"excludes every name", NONE, new byte[][] {dnsTree("")}},
            {"excludes example.org", NONE, new byte[][] {dnsTree("example.org")}},
            {"excludes .example.org", NONE, new byte[][] {dnsTree(".example.org")}},
            {"excludes other.org", NONE, new byte[][] {dnsTree("other.org")}},
            {"excludes x.b.example.org", NONE, new byte[][] {dnsTree("x.b.example.org")}},
            {"permits example.org, excludes b", new byte[][] {dnsTree("example.org")},
                new byte[][] {dnsTree("b.example.org")}},
            {"permits 10/8", new byte[][] {ipTree("10.0.0.0", "255.0.0.0")}, NONE},
            {"permits 11/8", new byte[][] {ipTree("11.0.0.0", "255.0.0.0")}, NONE},
            {"excludes 10/8", NONE, new byte[][] {ipTree("10.0.0.0", "255.0.0.0")}},
            {"excludes 11/8", NONE, new byte[][] {ipTree("11.0.0.0", "255.0.0.0")}},
            {"excludes all addresses", NONE, new byte[][] {ipTree("0.0.0.0", "0.0.0.0"),
                ipTree("::", "::")}},
            {"permits 2001:db8::/32", new byte[][] {ipTree("2001:db8::", "ffff:ffff::")}, NONE},
            {"permits O=x", new byte[][] {nameTree("O=x")}, NONE},
            {"permits O=y", new byte[][] {nameTree("O=y")}, NONE},
            {"permits o=X", new byte[][] {nameTree("o=X")}, NONE},
            {"excludes O=x", NONE, new byte[][] {nameTree("O=x")}},
            {"excludes O=y", NONE, new byte[][] {nameTree("O=y")}},
            {"permits the whole name", new byte[][] {nameTree("CN=server, O=x")}, NONE},
            {"permits example.org and O=x", new byte[][] {dnsTree("example.org"), nameTree("O=x")}, NONE},
            {"permits mail of example.org", new byte[][] {Der.ia5(0x81, "example.org")}, NONE},
            {"permits URIs of example.org", new byte[][] {Der.ia5(0x86, "example.org")}, NONE},
            {"excludes mail of example.org", NONE, new byte[][] {Der.ia5(0x81, "example.org")}}};
        for (Object[] tree : trees) {
            Cert root = root(0);
            Cert middle = new Cert("CN=middle, O=x", Keys.ec(2)).by(root).ca()
                .constraints((byte[][]) tree[1], (byte[][]) tree[2]);
            Cert anchor = new Cert("CN=root", Keys.ec(0)).ca().constraints((byte[][]) tree[1], (byte[][]) tree[2]);
            Object[][] leaves = {
                {"dNSName", new Cert("CN=server, O=x", Keys.ec(9)).dns(HOST)},
                {"dNSName and address", new Cert("CN=server, O=x", Keys.ec(9)).dns(HOST).ip("10.0.0.5")},
                {"CN only", new Cert("CN=b.example.org, O=x", Keys.ec(9))},
                {"address as CN", new Cert("CN=10.0.0.5, O=x", Keys.ec(9)).dns(HOST)},
                {"wildcard", new Cert("CN=server, O=x", Keys.ec(9)).dns("*.example.org")},
                {"mail and URI", new Cert("CN=server, O=x", Keys.ec(9)).dns(HOST).mail("a@example.org")
                    .uri("https://b.example.org/")},
                {"other mail and URI", new Cert("CN=server, O=x", Keys.ec(9)).dns(HOST).mail("a@c.org")
                    .uri("https://c.org/")},
            };
            for (Object[] leaf : leaves) {
                Cert below = ((Cert) leaf[1]).by(middle);
                add("intermediate " + tree[0] + ": " + leaf[0]).presents(below, middle).trusts(root);
            }
            add("anchor " + tree[0]).presents(new Cert("CN=server, O=x", Keys.ec(9)).by(anchor).dns(HOST))
                .trusts(anchor);
            Cert lower = new Cert("CN=lower, O=x", Keys.ec(3)).by(middle).ca();
            add("upper intermediate " + tree[0]).presents(
                new Cert("CN=server, O=x", Keys.ec(9)).by(lower).dns(HOST), lower, middle).trusts(root);
            Cert narrower = new Cert("CN=lower, O=x", Keys.ec(3)).by(middle).ca()
                .constraints(new byte[][] {dnsTree("b.example.org")}, NONE);
            add("upper intermediate " + tree[0] + ", lower permits b").presents(
                new Cert("CN=server, O=x", Keys.ec(9)).by(narrower).dns(HOST), narrower, middle).trusts(root);
            Cert selfIssued = new Cert("CN=middle, O=x", Keys.ec(3)).by(middle).ca();
            add("above a self-issued one: " + tree[0]).presents(
                new Cert("CN=server, O=x", Keys.ec(9)).by(selfIssued).dns(HOST), selfIssued, middle).trusts(root);
        }
        Cert root = root(0);
        Cert notCritical = new Cert("CN=middle", Keys.ec(2)).by(root).ca().extension("2.5.29.30", false,
            Der.sequence(Der.tagged(0xa0, Der.sequence(dnsTree("other.org")))));
        add("constraints that are not critical").presents(leaf(notCritical), notCritical).trusts(root);
        Cert empty = new Cert("CN=middle", Keys.ec(2)).by(root).ca().extension("2.5.29.30", true, Der.sequence());
        add("empty constraints").presents(leaf(empty), empty).trusts(root);
        Cert minimum = new Cert("CN=middle", Keys.ec(2)).by(root).ca().extension("2.5.29.30", true,
            Der.sequence(Der.tagged(0xa0, Der.sequence(dnsTree("example.org"), Der.tagged(0x80, new byte[] {1})))));
        add("constraints with a minimum").presents(leaf(minimum), minimum).trusts(root);
    }

    private static void oddities() {
        Cert root = root(0);
        add("extension twice").presents(leaf(root).extendedUsage(Cert.CLIENT_AUTH).extendedUsage(Cert.SERVER_AUTH))
            .trusts(root);
        add("basic constraints malformed").presents(leaf(root).extension("2.5.29.19", true, new byte[] {1, 2}))
            .trusts(root);
        add("key usage malformed").presents(leaf(root).extension("2.5.29.15", true, new byte[] {1, 2})).trusts(root);
        add("extended key usage malformed").presents(leaf(root).extension("2.5.29.37", false, new byte[] {1, 2}))
            .trusts(root);
        add("names malformed").presents(new Cert("CN=b.example.org", Keys.ec(9)).by(root)
            .extension("2.5.29.17", false, new byte[] {1, 2})).trusts(root);
        add("empty names").presents(new Cert("CN=b.example.org", Keys.ec(9)).by(root)
            .extension("2.5.29.17", false, Der.sequence())).trusts(root);
        add("address of 5 bytes").presents(new Cert("CN=b.example.org", Keys.ec(9)).by(root)
            .extension("2.5.29.17", false, Der.sequence(Der.ia5(0x82, HOST), Der.tagged(0x87, new byte[5]))))
            .trusts(root);
        add("serial number 0").presents(leaf(root).serial(0)).trusts(root);
        add("negative serial number").presents(leaf(root).serial(-5)).trusts(root);
        add("empty extended key usage").presents(leaf(root).extendedUsage()).trusts(root);
        add("negative path length").presents(leaf(root), new Cert("CN=root", Keys.ec(0))
            .extension("2.5.29.19", true, Der.sequence(Der.bool(true), Der.integer(-1)))).trusts(root);
    }
}
