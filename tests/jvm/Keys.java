import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import java.util.HashMap;
import java.util.Map;

/** Key pairs, each made once. */
final class Keys {
    private static final Map<String, KeyPair> MADE = new HashMap<>();

    private Keys() {}

    static KeyPair ec(int number) {
        return of("EC", "secp256r1", number);
    }

    static KeyPair ec(String curve) {
        return of("EC", curve, 0);
    }

    static KeyPair rsa(int bits, int number) {
        return of("RSA", Integer.toString(bits), number);
    }

    static KeyPair of(String algorithm, String parameter, int number) {
        return MADE.computeIfAbsent(algorithm + parameter + "#" + number, any -> {
            try {
                KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
                if (algorithm.equals("EC")) {
                    generator.initialize(new ECGenParameterSpec(parameter));
                } else if (!parameter.isEmpty()) {
                    generator.initialize(Integer.parseInt(parameter));
                }
                return generator.generateKeyPair();
            } catch (java.security.GeneralSecurityException e) {
                throw new IllegalStateException(e);
            }
        });
    }
}
