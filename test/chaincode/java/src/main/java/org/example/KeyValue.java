package org.example;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.hyperledger.fabric.shim.ChaincodeBase;
import org.hyperledger.fabric.shim.ChaincodeStub;

/** A key-value chaincode on the Java shim: put KEY VALUE, get KEY. */
public final class KeyValue extends ChaincodeBase {
  @Override
  public Response init(ChaincodeStub stub) {
    return newSuccessResponse();
  }

  @Override
  public Response invoke(ChaincodeStub stub) {
    List<String> args = stub.getParameters();
    switch (stub.getFunction()) {
      case "put":
        stub.putStringState(args.get(0), args.get(1));
        return newSuccessResponse(args.get(1).getBytes(StandardCharsets.UTF_8));
      case "get":
        return newSuccessResponse(stub.getStringState(args.get(0)).getBytes(StandardCharsets.UTF_8));
      default:
        return newErrorResponse("unknown function " + stub.getFunction());
    }
  }

  public static void main(String[] args) {
    new KeyValue().start(args);
  }
}
