import java.io.ByteArrayInputStream;
import java.net.InetAddress;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.security.MessageDigest;
import javax.security.auth.x500.X500Principal;

/** A certificate in the making, good or bad: nothing is checked, everything can be wrong. */
final class Cert {
    static final Instant NOW = Instant.now();
    static final String SERVER_AUTH = "1.3.6.1.5.5.7.3.1";
    static final String CLIENT_AUTH = "1.3.6.1.5.5.7.3.2";
    static final String ANY_USAGE = "2.5.29.37.0";
    private static long serials = 1000;

    final byte[] subject;
    final KeyPair key;
    byte[] issuerName;
    KeyPair signer;
    long serial = ++serials;
    int version = 3;
    Instant from = NOW.minus(Duration.ofDays(10));
    Instant to = NOW.plus(Duration.ofDays(100));
    String algorithm;
    final List<byte[]> extensions = new ArrayList<>();
    final List<byte[]> names = new ArrayList<>();
    boolean namesCritical;
    boolean breakSignature;
    private byte[] der;

    Cert(String subject, KeyPair key) {
        this(new X500Principal(subject).getEncoded(), key);
    }

    Cert(byte[] subject, KeyPair key) {
        this.subject = subject;
        this.key = key;
        this.issuerName = subject;
        this.signer = key;
    }

    Cert by(Cert issuer) {
        issuerName = issuer.subject;
        signer = issuer.key;
        return this;
    }

    /** The issuer's name over another key's signature. */
    Cert signedBy(KeyPair other) {
        signer = other;
        return this;
    }

    Cert days(int from, int to) {
        this.from = NOW.plus(Duration.ofDays(from));
        this.to = NOW.plus(Duration.ofDays(to));
        return this;
    }

    Cert version(int version) {
        this.version = version;
        return this;
    }

    Cert serial(long serial) {
        this.serial = serial;
        return this;
    }

    Cert algorithm(String algorithm) {
        this.algorithm = algorithm;
        return this;
    }

    Cert broken() {
        breakSignature = true;
        return this;
    }

    Cert dns(String... hosts) {
        for (String host : hosts) {
            names.add(Der.ia5(0x82, host));
        }
        return this;
    }

    Cert ip(String address) {
        try {
            names.add(Der.tagged(0x87, InetAddress.getByName(address).getAddress()));
        } catch (java.net.UnknownHostException e) {
            throw new IllegalStateException(e);
        }
        return this;
    }

    Cert mail(String address) {
        names.add(Der.ia5(0x81, address));
        return this;
    }

    Cert uri(String uri) {
        names.add(Der.ia5(0x86, uri));
        return this;
    }

    Cert criticalNames() {
        namesCritical = true;
        return this;
    }

    Cert ca() {
        return ca(-1);
    }

    /** A CA by basic constraints, with a path length where it is not negative. */
    Cert ca(int pathLength) {
        byte[] length = pathLength < 0 ? new byte[0] : Der.integer(pathLength);
        return extension("2.5.29.19", true, Der.sequence(Der.bool(true), length));
    }

    Cert notCa() {
        return extension("2.5.29.19", true, Der.sequence());
    }

    Cert usage(int... bits) {
        return extension("2.5.29.15", true, Der.namedBits(bits));
    }

    Cert extendedUsage(String... oids) {
        byte[][] parts = Arrays.stream(oids).map(Der::oid).toArray(byte[][]::new);
        return extension("2.5.29.37", false, Der.sequence(parts));
    }

    Cert keyId() {
        return keyId(hash(key));
    }

    Cert keyId(byte[] id) {
        return extension("2.5.29.14", false, Der.octets(id));
    }

    Cert authority(Cert issuer) {
        return authority(hash(issuer.key));
    }

    Cert authority(byte[] id) {
        return extension("2.5.29.35", false, Der.sequence(Der.tagged(0x80, id)));
    }

    /** Issuer and serial number of the issuer's certificate. */
    Cert authoritySerial(byte[] name, long serial) {
        byte[] directory = Der.tagged(0xa4, name);
        byte[] number = java.math.BigInteger.valueOf(serial).toByteArray();
        return extension("2.5.29.35", false, Der.sequence(Der.tagged(0xa1, directory), Der.tagged(0x82, number)));
    }

    /** Subtrees as tagged general names. */
    Cert constraints(byte[][] permitted, byte[][] excluded) {
        return extension("2.5.29.30", true, Der.sequence(subtrees(0xa0, permitted), subtrees(0xa1, excluded)));
    }

    private static byte[] subtrees(int tag, byte[][] names) {
        if (names.length == 0) {
            return new byte[0];
        }
        byte[][] trees = Arrays.stream(names).map(Der::sequence).toArray(byte[][]::new);
        return Der.tagged(tag, trees);
    }

    Cert extension(String oid, boolean critical, byte[] value) {
        byte[] flag = critical ? Der.bool(true) : new byte[0];
        extensions.add(Der.sequence(Der.oid(oid), flag, Der.octets(value)));
        return this;
    }

    static byte[] hash(KeyPair key) {
        try {
            return MessageDigest.getInstance("SHA-1").digest(key.getPublic().getEncoded());
        } catch (java.security.NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    byte[] der() {
        if (der == null) {
            try {
                der = build();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }
        return der;
    }

    X509Certificate parsed() throws Exception {
        return (X509Certificate) CertificateFactory.getInstance("X.509")
            .generateCertificate(new ByteArrayInputStream(der()));
    }

    private byte[] build() throws Exception {
        String name = algorithm != null ? algorithm : usual(signer.getPrivate());
        Signature signature = Signature.getInstance(name.startsWith("PSS-") ? "RSASSA-PSS" : name);
        byte[] id;
        if (name.startsWith("PSS-")) {
            String digest = name.substring(4);
            int salt = Integer.parseInt(digest.substring(4)) / 8;
            signature.setParameter(new PSSParameterSpec(digest, "MGF1", new MGF1ParameterSpec(digest), salt, 1));
            id = Der.sequence(Der.oid("1.2.840.113549.1.1.10"), signature.getParameters().getEncoded());
        } else {
            byte[] none = name.endsWith("RSA") ? new byte[] {5, 0} : new byte[0];
            id = Der.sequence(Der.oid(oidOf(name)), none);
        }
        List<byte[]> all = new ArrayList<>(extensions);
        if (!names.isEmpty()) {
            byte[] flag = namesCritical ? Der.bool(true) : new byte[0];
            byte[] value = Der.octets(Der.sequence(names.toArray(byte[][]::new)));
            all.add(Der.sequence(Der.oid("2.5.29.17"), flag, value));
        }
        byte[] shownVersion = version == 1 ? new byte[0] : Der.tagged(0xa0, Der.integer(version - 1));
        byte[] shownExtensions = version < 3 || all.isEmpty()
            ? new byte[0]
            : Der.tagged(0xa3, Der.sequence(all.toArray(byte[][]::new)));
        byte[] content = Der.sequence(shownVersion, Der.integer(serial), id, issuerName,
            Der.sequence(Der.time(from), Der.time(to)), subject, key.getPublic().getEncoded(), shownExtensions);
        signature.initSign(signer.getPrivate());
        signature.update(content);
        byte[] signed = signature.sign();
        if (breakSignature) {
            signed[signed.length - 1] ^= 1;
        }
        return Der.sequence(content, id, Der.bits(signed));
    }

    private static String usual(PrivateKey key) {
        return switch (key.getAlgorithm()) {
            case "EC" -> "SHA256withECDSA";
            case "RSA" -> "SHA256withRSA";
            case "RSASSA-PSS" -> "PSS-SHA-256";
            case "DSA" -> "SHA256withDSA";
            default -> ((java.security.interfaces.EdECPrivateKey) key).getParams().getName();
        };
    }

    private static String oidOf(String algorithm) {
        return switch (algorithm) {
            case "MD2withRSA" -> "1.2.840.113549.1.1.2";
            case "MD5withRSA" -> "1.2.840.113549.1.1.4";
            case "SHA1withRSA" -> "1.2.840.113549.1.1.5";
            case "SHA224withRSA" -> "1.2.840.113549.1.1.14";
            case "SHA256withRSA" -> "1.2.840.113549.1.1.11";
            case "SHA384withRSA" -> "1.2.840.113549.1.1.12";
            case "SHA512withRSA" -> "1.2.840.113549.1.1.13";
            case "SHA1withECDSA" -> "1.2.840.10045.4.1";
            case "SHA224withECDSA" -> "1.2.840.10045.4.3.1";
            case "SHA256withECDSA" -> "1.2.840.10045.4.3.2";
            case "SHA384withECDSA" -> "1.2.840.10045.4.3.3";
            case "SHA512withECDSA" -> "1.2.840.10045.4.3.4";
            case "SHA1withDSA" -> "1.2.840.10040.4.3";
            case "SHA256withDSA" -> "2.16.840.1.101.3.4.3.2";
            case "Ed25519" -> "1.3.101.112";
            case "Ed448" -> "1.3.101.113";
            default -> throw new IllegalArgumentException(algorithm);
        };
    }
}
